using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ringfence.Core.Dialplan;

/// <summary>By what states of a walk are known again, where that is long: two thousand variables of eight thousand characters are sixteen megabytes, and each line that a walk comes to remembers them.</summary>
internal static class LongKey
{
    // FreePBX's own are shorter.
    private const int MostCharacters = 4_096;

    /// <summary>So many characters are read in the time of one unit of <see cref="LanguageWork"/>.</summary>
    private const int CharactersInOneUnit = 256;

    /// <returns>The text, or what no other text has (SHA-256).</returns>
    public static string Of(string text)
    {
        if (text.Length <= MostCharacters)
        {
            return text;
        }

        LanguageWork.Spend(text.Length / CharactersInOneUnit);
        return Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())));
    }
}
