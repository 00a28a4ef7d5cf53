using System.Globalization;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary><see cref="KnownAccounts"/> as text that outlives a restart: an account's line, then its networks, User-Agents and pairs of these.</summary>
/// <remarks>What can't be read is left out: the worst is an account that is learned again.</remarks>
internal static class KnownAccountsText
{
    private const string Head = "ringfence accounts 1";
    private const int Longest = 512;

    public static string Write(KnownAccounts accounts)
    {
        var text = new StringBuilder(Head).Append('\n');
        foreach (var account in accounts.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"account {account.Key:x16} {Seconds(account.FirstTicks)} {account.Name}\n");
            foreach (var network in account.Networks)
            {
                text.Append(CultureInfo.InvariantCulture, $"network {network.What.First}/{network.What.PrefixLength} {Seconds(network.FirstTicks)} {Seconds(network.LastTicks)}\n");
            }

            foreach (var agent in account.Agents)
            {
                text.Append(CultureInfo.InvariantCulture, $"agent {agent.What:x16} {Seconds(agent.FirstTicks)} {Seconds(agent.LastTicks)} {agent.Text}\n");
            }

            foreach (var (first, second) in account.Together)
            {
                text.Append(CultureInfo.InvariantCulture, $"together {first:x16} {second:x16}\n");
            }
        }

        return text.ToString();
    }

    /// <param name="text">What <see cref="Write"/> made; anything else is read as far as it is that.</param>
    public static void Read(string text, KnownAccounts accounts)
    {
        KnownAccount? account = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var words = line.ToString().Split(' ', 5);
            switch (words[0])
            {
                case "account" when words.Length >= 3 && Key(words[1]) is { } key && Ticks(words[2]) is { } first:
                    account = new KnownAccount(key, Safe(string.Join(' ', words[3..])), first);
                    accounts.Restore(account);
                    break;
                case "network" when words.Length == 4 && Network.Parse(words[1]) is { } network && Ticks(words[2]) is { } first && Ticks(words[3]) is { } last:
                    account?.Add(new Habit<Network>(network, string.Empty, first, last));
                    break;
                case "agent" when words.Length == 5 && Key(words[1]) is { } key && Ticks(words[2]) is { } first && Ticks(words[3]) is { } last:
                    account?.Add(new Habit<ulong>(key, Safe(words[4]), first, last));
                    break;
                case "together" when words.Length == 3 && Key(words[1]) is { } one && Key(words[2]) is { } other:
                    account?.Join(one, other);
                    break;
            }
        }
    }

    private static long Seconds(long ticks) => (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond;

    // Up to the year 9999, as the ticks themselves.
    private static long? Ticks(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && seconds is > -62_135_596_800 and < 253_402_300_800
            ? DateTime.UnixEpoch.Ticks + (seconds * TimeSpan.TicksPerSecond)
            : null;

    private static ulong? Key(string text) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var key) ? key : null;

    // Cut once it is escaped: 64 bytes of a name may be 384 characters, and what is read must be written as the same.
    private static string Safe(string text)
    {
        var safe = SafeText.From(Encoding.UTF8.GetBytes(text.Length > Longest ? text[..Longest] : text));
        return safe.Length <= Longest ? safe : safe[..(char.IsHighSurrogate(safe[Longest - 1]) ? Longest - 1 : Longest)];
    }
}
