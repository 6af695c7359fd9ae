"""The damage done to manifests: lines that are refused one by one, and files that are refused whole."""

from typing import NamedTuple

HEADER = b"id,start_time,end_time,split,uri\n"


class SpoiltLine(NamedTuple):
    """A line, what is wrong with it, and the reason that a build gives for it."""

    done: str
    reason: str
    line: bytes


class SpoiltManifest(NamedTuple):
    """A manifest that is refused whole."""

    name: str
    done: str
    reason: str
    content: bytes


def spoilt_lines(good: str, end_s: int) -> tuple[SpoiltLine, ...]:
    """Bad lines beside a good row `good,0,end_s,train`."""
    return (
        SpoiltLine("the id climbs out of the videos folder", "path_escapes_root", b"../../etc/passwd,0,10,train,"),
        SpoiltLine("the id is an absolute path", "path_escapes_root", b"/etc/passwd,0,10,train,"),
        SpoiltLine("the uri is an absolute path", "path_escapes_root", b"secret,0,10,train,file:///etc/passwd"),
        SpoiltLine("the uri climbs with backslashes", "path_escapes_root", rb"secret,0,10,train,..\..\etc\passwd"),
        SpoiltLine("the uri climbs with percent signs", "path_escapes_root", b"secret,0,10,train,%2e%2e%2fetc%2fpasswd"),
        SpoiltLine("the same window as on an earlier line", "duplicate_row", f"{good},0.0,{end_s}.000,train,".encode()),
        SpoiltLine("the same video in another split", "video_in_two_splits", f"{good},2,8,test,".encode()),
        SpoiltLine("the window ends before it begins", "window_inverted", f"{good},10,2,train,".encode()),
        SpoiltLine("the window begins after the video has ended", "window_past_end", f"{good},100,110,train,".encode()),
        SpoiltLine("the window ends after the video has ended", "window_past_end", f"{good},0,110,train,".encode()),
        SpoiltLine("there is no such video", "video_missing", b"nowhere,0,10,train,"),
        SpoiltLine("a time in words", "time_not_a_number", f"{good},begin,end,train,".encode()),
        SpoiltLine("a time beyond all numbers", "time_not_a_number", f"{good},0,9e999999999999999999,train,".encode()),
        SpoiltLine("the id is empty", "field_empty", b",0,10,train,"),
        SpoiltLine("the id is not UTF-8", "field_not_utf8", b"caf\xe9,0,10,train,"),
        SpoiltLine("the id holds a NUL byte", "field_has_nul", b"kit\x00chen,0,10,train,"),
        SpoiltLine("the id would clear the terminal", "field_has_control_character", b"kitchen\x1b[2J,0,10,train,"),
        SpoiltLine("the id has a million characters", "field_too_long", b"k" * 1_000_000 + b",0,10,train,"),
        SpoiltLine("a quotation mark that is never closed", "quotes_unpaired", f'"{good},0,10,train,'.encode()),
        SpoiltLine("more fields than the header", "fields_too_many", f"{good},1,0,9,5,train".encode()),
        SpoiltLine("the split is a path", "split_invalid", f"{good},1,9,../train,".encode()),
    )


def spoilt_manifests(row: bytes) -> tuple[SpoiltManifest, ...]:
    """Manifests that would have one good row."""
    whole = HEADER + row
    return (
        SpoiltManifest("manifest_empty.csv", "0 bytes", "manifest_header", b""),
        SpoiltManifest("manifest_missing_column.csv", "no column end_time", "manifest_header", whole.replace(b"end_time", b"until")),
        SpoiltManifest("manifest_column_twice.csv", "column id stands twice", "manifest_header", whole.replace(b"uri", b"id")),
        SpoiltManifest("manifest_utf16.csv", "saved as UTF-16", "manifest_not_text", b"\xff\xfe" + whole.decode().encode("utf-16-le")),
    )
