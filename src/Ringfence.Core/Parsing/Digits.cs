namespace Ringfence.Core.Parsing;

internal static class Digits
{
    /// <returns>0 to 65535, or -1 if the text is anything but one to five digits of such a number.</returns>
    public static int ReadPort(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > 5)
        {
            return -1;
        }

        var value = 0;
        foreach (var character in text)
        {
            if ((uint)(character - '0') > 9)
            {
                return -1;
            }

            value = (value * 10) + (character - '0');
        }

        return value > ushort.MaxValue ? -1 : value;
    }
}
