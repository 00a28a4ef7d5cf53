using System.Buffers.Text;
using System.Text;

namespace Ringfence.Core.Gate;

/// <summary>What Asterisk says first on a FastAGI connection: lines "agi_NAME: VALUE", and an empty one.</summary>
/// <remarks>
/// Asterisk (22.10, setup_env of res_agi.c) writes what the caller says he is (agi_callerid, agi_calleridname, agi_dnid, agi_rdnis) as it is, line ends included: a caller can write headers, also
/// an empty line and arguments of his own behind it. So nothing of that is read. Our dialplan draws a number for each call, puts it into the script's name, which stands before all that a
/// caller can write, and into the last argument, which stands behind it: the block ends where an empty line follows that argument, and the lines right before it are the arguments.
/// </remarks>
/// <param name="Arguments">As the dialplan gave them, without the drawn number.</param>
internal sealed record AgiRequest(string Script, IReadOnlyList<string> Arguments)
{
    /// <summary>Of the whole block: nobody's headers are that long.</summary>
    public const int MostBytes = 16_384;

    public const int MostArguments = 24;

    /// <summary>Digits of the drawn number, at least: what a caller had to guess.</summary>
    public const int NonceDigits = 9;

    private const int MostNonceDigits = 32;

    private static ReadOnlySpan<byte> First => "agi_network: yes\nagi_network_script: "u8;

    /// <param name="received">All that came so far.</param>
    public static AgiReading Read(ReadOnlySpan<byte> received)
    {
        var known = Math.Min(received.Length, First.Length);
        if (!received[..known].SequenceEqual(First[..known]))
        {
            return new AgiReading.Wrong("expected agi_network and agi_network_script, as Asterisk's AGI(agi://...) sends them");
        }

        if (received.Length > MostBytes)
        {
            return new AgiReading.Wrong($"more than {MostBytes} bytes before the last argument");
        }

        var rest = received[known..];
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            return AgiReading.More;
        }

        var script = rest[..end];
        var slash = script.LastIndexOf((byte)'/');
        var nonce = script[(slash + 1)..];
        if (slash < 0 || nonce.Length is < NonceDigits or > MostNonceDigits || nonce.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return new AgiReading.Wrong("the script has no drawn number: expected agi://ADDRESS/gate/NUMBER, as the dialplan that `ringfence calls gate --print` writes has it");
        }

        // Where "agi_arg_N: NUMBER" and an empty line stand: the number is in other headers too.
        for (var at = end; rest[at..].IndexOf(nonce) is >= 0 and var next; at += next + 1)
        {
            var found = at + next;
            if (rest[(found + nonce.Length)..].StartsWith("\n\n"u8) && rest[..found].LastIndexOf((byte)'\n') is var line && Number(rest[(line + 1)..found]) is > 0 and var count)
            {
                return Before(rest[..(line + 1)], count) is { } arguments ? new AgiReading.Whole(new AgiRequest(Encoding.Latin1.GetString(script[..slash]), arguments)) : new AgiReading.Wrong("arguments are missing before the last one");
            }
        }

        return AgiReading.More;
    }

    // Of "agi_arg_7: "; 0: it is no such header, or of no argument that there is.
    private static int Number(ReadOnlySpan<byte> header) =>
        header.StartsWith(Argument) && header.EndsWith(": "u8) && header[Argument.Length..^2] is [>= (byte)'1' and <= (byte)'9', ..] digits
            && Utf8Parser.TryParse(digits, out int number, out var read) && read == digits.Length && number <= MostArguments ? number : 0;

    // The lines right before the last argument, counted down: whoever writes lines of that form into a header writes them further up.
    private static string[]? Before(ReadOnlySpan<byte> before, int last)
    {
        var arguments = new string[last - 1];
        for (var number = last - 1; number > 0; number--)
        {
            before = before[..^1];
            var line = before[(before.LastIndexOf((byte)'\n') + 1)..];
            var colon = line.IndexOf(": "u8);
            if (colon < 0 || Number(line[..(colon + 2)]) != number)
            {
                return null;
            }

            arguments[number - 1] = Encoding.UTF8.GetString(line[(colon + 2)..]);
            before = before[..^line.Length];
        }

        return arguments;
    }

    private static ReadOnlySpan<byte> Argument => "agi_arg_"u8;
}

/// <summary>How far a request was read.</summary>
internal abstract record AgiReading
{
    public static readonly AgiReading More = new Unfinished();

    /// <summary>More bytes are needed.</summary>
    internal sealed record Unfinished : AgiReading;

    internal sealed record Whole(AgiRequest Request) : AgiReading;

    /// <param name="Why">For people.</param>
    internal sealed record Wrong(string Why) : AgiReading;
}
