using System.Text;

namespace Ringfence.Core.Geo;

/// <summary>Finds a file in a tar archive that is in memory: MaxMind packs its databases so.</summary>
/// <remarks>POSIX.1-1988 ustar, as pax(1) describes it: blocks of 512 bytes, a header before each member, its size in octal.</remarks>
internal static class TarMember
{
    private const int Block = 512;
    private const int NameLength = 100;
    private const int SizeAt = 124;
    private const int SizeLength = 12;
    private const int TypeAt = 156;
    private const int MagicAt = 257;

    public static bool IsTar(ReadOnlySpan<byte> file) => file.Length >= Block && file[MagicAt..].StartsWith("ustar"u8);

    /// <returns>Where the first regular file whose name ends so begins and how long it is; null: there is none, or the archive is damaged before it.</returns>
    public static (int At, int Length)? Find(ReadOnlySpan<byte> archive, string ending)
    {
        var end = Encoding.ASCII.GetBytes(ending);
        for (var at = 0; at + Block <= archive.Length && IsTar(archive[at..]);)
        {
            var header = archive.Slice(at, Block);
            if (Octal(header.Slice(SizeAt, SizeLength)) is not { } size || size > archive.Length - at - Block)
            {
                return null;
            }

            var name = header[..NameLength];
            name = name.IndexOf((byte)0) is >= 0 and var zero ? name[..zero] : name;
            if (header[TypeAt] is (byte)'0' or 0 && name.EndsWith(end))
            {
                return (at + Block, (int)size);
            }

            // No farther than the archive is long: the size was compared with it.
            at += Block + (int)((size + Block - 1) / Block * Block);
        }

        return null;
    }

    private static long? Octal(ReadOnlySpan<byte> digits)
    {
        long number = 0;
        foreach (var digit in digits.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            number = (number << 3) | (long)(digit - '0');
        }

        return number;
    }
}
