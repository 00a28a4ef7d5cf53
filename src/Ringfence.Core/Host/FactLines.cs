using Ringfence.Core.Pbx;

namespace Ringfence.Core.Host;

/// <summary>What a command printed, line by line. It may be anything: an auditor's archive comes from a stranger.</summary>
internal static class FactLines
{
    // /etc/asterisk with phones' provisioning in it has some thousand files; a firewall with a country's networks some ten thousand lines.
    private const int MaxLines = 200_000;

    /// <returns>Each line with its number; none where the machine was not asked.</returns>
    public static IEnumerable<(string Text, Place Place)> Of(PbxSnapshot pbx, HostFact fact) =>
        (pbx.Fact(fact) ?? "").Split('\n').Take(MaxLines).Select((line, at) => (line.TrimEnd('\r'), new Place(fact.Name, at + 1)));
}
