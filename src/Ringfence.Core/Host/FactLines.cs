using System.Globalization;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Host;

/// <summary>What a command printed, line by line. It may be anything: an auditor's archive comes from a stranger.</summary>
internal static class FactLines
{
    // /etc/asterisk with phones' provisioning in it has some thousand files; a firewall with a country's networks some ten thousand lines.
    private const int MaxLines = 200_000;

    /// <returns>Each line with its number; none where the machine was not asked.</returns>
    public static IEnumerable<(string Text, Place Place)> Of(PbxSnapshot pbx, HostFact fact)
    {
        var text = pbx.Fact(fact) ?? "";
        var at = 0;
        for (var number = 1; number <= MaxLines && at <= text.Length; number++)
        {
            var end = text.IndexOf('\n', at) is >= 0 and var found ? found : text.Length;
            yield return (text[at..end].TrimEnd('\r'), new Place(fact.Name, number));
            at = end + 1;
        }

        if (at < text.Length)
        {
            pbx.LeaveOut(string.Create(CultureInfo.InvariantCulture, $"{fact.Name} has more than {MaxLines:N0} lines; the rest is left out"));
        }
    }
}
