using System.Text;

namespace Ringfence.Core.Sip;

/// <summary>What a condition looks at. The order is that of what it costs.</summary>
internal enum FingerprintPart
{
    UserAgent,
    Branch,
    Method,
    CallId,
    Contact,
    Uri,
    From,
    To,
    Via,
    FromTag,
    ToTag,
    Header,
    Headers,
    Lacks,
    Session,
}

/// <summary>One condition of a fingerprint: one of what it lists must be so.</summary>
/// <param name="patterns">What the part may look like.</param>
/// <param name="header">The header's name, for <see cref="FingerprintPart.Header"/>.</param>
/// <param name="orders">For <see cref="FingerprintPart.Headers"/>.</param>
/// <param name="names">Names of headers in lower case, none of which may be there, for <see cref="FingerprintPart.Lacks"/>.</param>
internal sealed class FingerprintCondition(FingerprintPart part, FingerprintPattern[] patterns, byte[]? header, HeaderOrder[] orders, byte[][] names)
{
    public FingerprintPart Part => part;

    public bool Holds(scoped in SipMessage request, ReadOnlySpan<byte> message, ReadOnlySpan<byte> branch) => part switch
    {
        FingerprintPart.Method => IsAny(request.Method),
        FingerprintPart.UserAgent => IsAny(request.UserAgent),
        FingerprintPart.Branch => IsAny(branch),
        FingerprintPart.CallId => IsAny(request.CallId),
        FingerprintPart.Contact => IsAny(request.Contact),
        FingerprintPart.Uri => IsAny(request.RequestUri),
        FingerprintPart.From => IsAny(request.From),
        FingerprintPart.To => IsAny(request.To),
        FingerprintPart.Via => IsAny(request.Via),
        FingerprintPart.FromTag => IsAny(SipParameter.First(request.From, "tag="u8)),
        FingerprintPart.ToTag => IsAny(SipParameter.First(request.To, "tag="u8)),
        FingerprintPart.Header => IsAny(Header(message)),
        FingerprintPart.Headers => HasOrder(message),
        FingerprintPart.Lacks => !HasAny(message),
        FingerprintPart.Session => IsAny(Session(message)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <returns>Whether it can hold of a text that begins so.</returns>
    public bool CanBegin(ReadOnlySpan<byte> text)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.CanBegin(text))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAny(ReadOnlySpan<byte> text)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(text))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasOrder(ReadOnlySpan<byte> message)
    {
        foreach (var order in orders)
        {
            if (order.Matches(message))
            {
                return true;
            }
        }

        return false;
    }

    // Of one that stands twice the first, as elsewhere.
    private ReadOnlySpan<byte> Header(ReadOnlySpan<byte> message)
    {
        var lines = new HeaderLines(message);
        while (lines.Next())
        {
            if (Ascii.EqualsIgnoreCase(lines.Name, header))
            {
                return lines.Value;
            }
        }

        return default;
    }

    private bool HasAny(ReadOnlySpan<byte> message)
    {
        var lines = new HeaderLines(message);
        while (lines.Next())
        {
            foreach (var name in names)
            {
                if (Ascii.EqualsIgnoreCase(lines.Name, name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // The name of the session in SDP (RFC 8866 section 5.3).
    private static ReadOnlySpan<byte> Session(ReadOnlySpan<byte> message)
    {
        var lines = new HeaderLines(message);
        while (lines.Next())
        {
        }

        var body = lines.Rest;
        var at = body.IndexOf("\ns="u8);
        if (at < 0)
        {
            return default;
        }

        body = body[(at + 3)..];
        var end = body.IndexOfAny((byte)'\r', (byte)'\n');
        return end < 0 ? body : body[..end];
    }
}
