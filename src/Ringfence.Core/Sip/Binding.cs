using Ringfence.Core.Events;

namespace Ringfence.Core.Sip;

/// <summary>One contact of a REGISTER or of its answer: where somebody is to be reached, and for how long.</summary>
/// <remarks>RFC 3261 sections 10.2 and 10.3: the answer lists all contacts of the account, each with the seconds that it has left.</remarks>
internal readonly ref struct Binding
{
    /// <summary>As written, without angle brackets; empty: there is none.</summary>
    public ReadOnlySpan<byte> Uri { get; init; }

    /// <summary>In seconds; -1: not said.</summary>
    public long Expires { get; init; }

    /// <summary>The address in it; null: a name, or what is no URI.</summary>
    public Address? Host
    {
        get
        {
            var rest = Uri[(Uri.IndexOf((byte)':') + 1)..];
            rest = rest[(rest.LastIndexOf((byte)'@') + 1)..];
            if (rest.StartsWith("["u8))
            {
                var close = rest.IndexOf((byte)']');
                return close < 0 ? null : Address.Parse(rest[1..close]);
            }

            var end = rest.IndexOfAny(":;?"u8);
            return Address.Parse(end < 0 ? rest : rest[..end]);
        }
    }

    /// <summary>Takes the next contact.</summary>
    /// <param name="rest">Values of Contact headers, with whatever stands between them; what stands behind the contact stays in it.</param>
    public static Binding Next(scoped ref ReadOnlySpan<byte> rest)
    {
        var open = rest.IndexOf((byte)'<');
        var close = open < 0 ? -1 : rest[open..].IndexOf((byte)'>');
        if (close < 0)
        {
            // "Contact: sip:1001@192.0.2.7;expires=60": what follows the semicolon is the contact's.
            var bare = rest.Trim(" \t\r\n"u8);
            rest = default;
            var end = bare.IndexOf((byte)';');
            return new Binding { Uri = end < 0 ? bare : bare[..end], Expires = Seconds(end < 0 ? default : bare[end..]) };
        }

        var uri = rest[(open + 1)..(open + close)];
        rest = rest[(open + close + 1)..];
        var stop = rest.IndexOfAny(",\r\n<"u8);
        var parameters = stop < 0 ? rest : rest[..stop];
        rest = stop < 0 ? default : rest[stop..];
        return new Binding { Uri = uri, Expires = Seconds(parameters) };
    }

    private static long Seconds(ReadOnlySpan<byte> parameters) =>
        System.Buffers.Text.Utf8Parser.TryParse(SipParameter.First(parameters, "expires="u8), out uint seconds, out _) ? seconds : -1;
}
