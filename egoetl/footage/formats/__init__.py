"""The same short scene in every form that cameras write: rates, codecs, containers, sound, rotation, edit lists."""
