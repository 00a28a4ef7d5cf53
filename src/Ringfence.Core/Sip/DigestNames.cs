using System.Text;

namespace Ringfence.Core.Sip;

/// <summary>Whose names the credentials of a request bear: an account that is found by <c>identify_by=auth_username</c> stands there, and not in From.</summary>
internal static class DigestNames
{
    /// <summary>The names can't be told: there is none, or they are written so that the PBX may read others.</summary>
    public const ulong Unclear = 1;

    /// <param name="credentials">Of a message, as <see cref="SipMessage.Credentials"/>.</param>
    /// <returns>A hash of all of them, in their order; 0: no credentials; <see cref="Unclear"/>.</returns>
    public static ulong HashOf(ReadOnlySpan<byte> credentials)
    {
        if (credentials.IsEmpty)
        {
            return 0;
        }

        var hash = 14695981039346656037UL;
        var count = 0;
        for (var headers = new SipHeaders(credentials); headers.Next();)
        {
            for (var rest = headers.IsCredentials ? headers.Value : default; !rest.IsEmpty;)
            {
                var name = SipParameter.Next(ref rest, "username="u8);
                if (name.Contains((byte)'\\') || (name.IsEmpty && !rest.IsEmpty))
                {
                    return Unclear;
                }

                if (name.IsEmpty)
                {
                    // The last look finds nothing.
                    break;
                }

                foreach (var letter in name)
                {
                    hash = (hash ^ letter) * 1099511628211UL;
                }

                // Between two names.
                hash = (hash ^ 0x100) * 1099511628211UL;
                count++;
            }
        }

        return count > 0 && count == Mentions(credentials) ? hash | 2 : Unclear;
    }

    // "username =", "username*=" and one inside of a quoted value are mentioned too.
    private static int Mentions(ReadOnlySpan<byte> credentials)
    {
        var count = 0;
        int at;
        while ((at = credentials.IndexOfAny((byte)'u', (byte)'U')) >= 0)
        {
            credentials = credentials[at..];
            var isName = credentials.Length >= 8 && Ascii.EqualsIgnoreCase(credentials[..8], "username"u8);
            count += isName ? 1 : 0;
            credentials = credentials[(isName ? 8 : 1)..];
        }

        return count;
    }
}
