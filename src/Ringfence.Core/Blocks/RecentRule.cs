using System.Globalization;
using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>That a rule asks whether its sender is in a list of xt_recent, and how often within which time.</summary>
/// <param name="Seconds">0: whenever.</param>
/// <param name="Hits">0: once is enough.</param>
/// <param name="Bits">How many of the address's first bits the list keeps.</param>
/// <remarks>iptables-extensions(8), recent. Of 1.8.9: "-m recent --rcheck --seconds 86400 --hitcount 1 --name ATTACKER --mask 255.255.255.255 --rsource".</remarks>
internal sealed record RecentRule(string List, int Seconds, int Hits, int Bits, string Chain)
{
    /// <returns>null: it asks something else: whether he is not in it, or whom he sends to.</returns>
    public static RecentRule? Read(IptablesRule rule, List<string> options)
    {
        string? After(string option) => options.IndexOf(option) is >= 0 and var at && at + 1 < options.Count ? options[at + 1] : null;
        int Number(string option) => int.TryParse(After(option), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        if ((!options.Contains("--rcheck") && !options.Contains("--update")) || options.Contains("!") || options.Contains("--rdest"))
        {
            return null;
        }

        var bits = After("--mask") is { } mask && Address.Parse(mask) is { } ones ? BlockText.BitsOf(ones) ?? 128 : 128;

        // Without a name it is this one (xt_recent's own).
        return new RecentRule(After("--name") ?? "DEFAULT", Number("--seconds"), Number("--hitcount"), bits, rule.Chain);
    }
}
