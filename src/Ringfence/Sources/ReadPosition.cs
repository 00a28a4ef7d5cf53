namespace Ringfence.Sources;

/// <param name="Path">The log.</param>
/// <param name="Device">st_dev and <paramref name="Inode"/> st_ino: which file was meant.</param>
/// <param name="Offset">Bytes consumed: everything before was parsed.</param>
/// <param name="Line">Lines consumed.</param>
/// <param name="Head">A checksum of the file's first bytes (up to 256): an inode is used again after deletion.</param>
internal sealed record ReadPosition(string Path, ulong Device, ulong Inode, long Offset, long Line, ulong Head);
