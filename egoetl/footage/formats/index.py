"""The forms of video that are made."""

from fractions import Fraction

from egoetl.footage.formats.video_format import SoundFormat, VideoFormat

NTSC = Fraction(30_000, 1001)
PRIMING = Fraction(1024, 48_000)
"""AAC's first packet holds nothing; a transport stream has no way to say so, and presentation begins with it."""

FORMATS: tuple[VideoFormat, ...] = (
    VideoFormat("rate_25", "25 pictures a second, 16 kHz mono", rate=Fraction(25), sound=SoundFormat(16_000, 1)),
    VideoFormat("rate_29_97", "29.97 pictures a second, 44.1 kHz stereo", rate=NTSC, sound=SoundFormat(44_100, 2)),
    VideoFormat("rate_30", "30 pictures a second, 48 kHz stereo"),
    VideoFormat("rate_60", "60 pictures a second, 5.1 sound", rate=Fraction(60), sound=SoundFormat(48_000, 6)),
    VideoFormat("rate_variable", "a rate that varies, as telephones write it", pattern_ms=(33, 34, 33, 17, 50, 100, 33, 8, 41)),
    VideoFormat("no_b_frames", "each picture predicted from earlier ones only", bframes=0),
    VideoFormat("many_b_frames", "up to eight B-frames in a row, the whole video one group of pictures", bframes=8, gop=1000),
    VideoFormat("key_frames_only", "each picture a key frame", bframes=0, gop=1),
    VideoFormat("turned_left", "to be turned a quarter to the left", turned=90),
    VideoFormat("turned_right", "to be turned a quarter to the right", turned=270, suffix="mov"),
    VideoFormat("upside_down", "to be turned by half", turned=180, suffix="mkv"),
    VideoFormat("wide_pixels", "pixels a quarter wider than high", pixel_aspect=Fraction(5, 4)),
    VideoFormat("sound_late", "sound that starts 1.7 s late", sound=SoundFormat(from_ms=1700)),
    VideoFormat("sound_early_end", "sound that ends after 6.4 s", sound=SoundFormat(to_ms=6400)),
    VideoFormat("silent", "no sound at all", sound=None),
    VideoFormat("edit_list", "an edit list that begins between two key frames", hidden_ms=1300),
    VideoFormat("begins_at_3_s", "a container whose times begin at 3 s", suffix="mkv", begins_at_s=3),
    VideoFormat("transport_stream", "a transport stream, whose times never begin at 0", suffix="ts", lead_in=PRIMING),
    VideoFormat("pcm", "uncompressed sound at 44.1 kHz", suffix="mov", sound=SoundFormat(44_100, 2, "pcm_s16le")),
    VideoFormat("ten_bit", "H.264 with ten bits a sample", pix_fmt="yuv420p10le"),
    VideoFormat("hevc", "HEVC", codec="libx265", rate=NTSC),
    VideoFormat("hevc_ten_bit", "HEVC with ten bits a sample, in Matroska", codec="libx265", pix_fmt="yuv420p10le", suffix="mkv"),
    VideoFormat("vp9", "VP9 and Opus in WebM", codec="libvpx-vp9", suffix="webm", sound=SoundFormat(codec="libopus")),
)
