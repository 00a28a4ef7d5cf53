namespace Ringfence.Core.Sip;

/// <summary>How the requests of one tool look: all conditions must hold. The file of fingerprints says what each key means.</summary>
internal sealed class Fingerprint
{
    /// <summary>The tool, as events and evidence name it: printable ASCII.</summary>
    public required byte[] Name { get; init; }

    /// <summary>How its User-Agent may look; empty: it is known by habits alone.</summary>
    public required IReadOnlyList<FingerprintPattern> Agents { get; init; }

    /// <summary>The cheapest first.</summary>
    public required FingerprintCondition[] Conditions { get; init; }

    /// <param name="message">The request as it came.</param>
    public bool Matches(scoped in SipMessage request, ReadOnlySpan<byte> message, ReadOnlySpan<byte> branch)
    {
        foreach (var condition in Conditions)
        {
            if (!condition.Holds(request, message, branch))
            {
                return false;
            }
        }

        return true;
    }
}
