using System.Globalization;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Outer;

/// <summary>What an operator wrote to be told to a firewall, with places for the ban: &lt;address&gt;, &lt;seconds&gt;.</summary>
internal static class OuterTemplate
{
    public const string Id = "<id>";

    /// <summary>For one ban.</summary>
    public static readonly IReadOnlyList<string> OfBan = ["<address>", "<network>", "<cidr>", "<prefix>", "<mask>", "<seconds>", "<until>", "<rule>"];

    /// <summary>For all of them.</summary>
    public static readonly IReadOnlyList<string> OfAll = ["<json>", "<lines>", "<items>"];

    /// <summary>Whether a device that is told so lifts the ban by itself.</summary>
    public static bool Ends(string text) => text.Contains("<seconds>", StringComparison.Ordinal) || text.Contains("<until>", StringComparison.Ordinal);

    public static bool NamesSubject(string text) => OfBan.Take(3).Any(place => text.Contains(place, StringComparison.Ordinal));

    /// <returns>The first &lt;word&gt; of small letters that is none of those that are filled in; null: there is none.</returns>
    public static string? Unknown(string text, IReadOnlyList<string> known)
    {
        for (var open = text.IndexOf('<', StringComparison.Ordinal); open >= 0; open = text.IndexOf('<', open + 1))
        {
            var close = text.IndexOf('>', open);
            if (close > open + 1 && text[(open + 1)..close].All(char.IsAsciiLetterLower) && !known.Contains(text[open..(close + 1)]))
            {
                return text[open..(close + 1)];
            }
        }

        return null;
    }

    /// <param name="escape">For a URL; null: as it is.</param>
    /// <param name="id">The device's own name for the entry; null: it has none.</param>
    public static string Fill(string template, OuterBan ban, DateTimeOffset now, Func<string, string>? escape = null, string? id = null) =>
        Fill(template, place => Value(place, ban, now, id) is { } value ? escape?.Invoke(value) ?? value : null);

    /// <param name="item">How one is written in &lt;json&gt; and &lt;items&gt;.</param>
    public static string FillAll(string template, IReadOnlyList<OuterBan> bans, string item, DateTimeOffset now) => Fill(template, place => place switch
    {
        "<json>" => $"[{Items(bans, item, now)}]",
        "<items>" => Items(bans, item, now),
        "<lines>" => Lines(bans),
        _ => null,
    });

    public static string Lines(IReadOnlyList<OuterBan> bans) => string.Concat(bans.Select(ban => $"{ban.Subject}\n"));

    private static string Items(IReadOnlyList<OuterBan> bans, string item, DateTimeOffset now) => string.Join(',', bans.Select(ban => Fill(item, ban, now)));

    private static string Fill(string template, Func<string, string?> value)
    {
        var filled = new StringBuilder(template.Length);
        var done = 0;
        for (var open = template.IndexOf('<', StringComparison.Ordinal); open >= 0; open = template.IndexOf('<', open + 1))
        {
            var close = template.IndexOf('>', open);
            if (close < 0)
            {
                break;
            }

            if (value(template[open..(close + 1)]) is { } text)
            {
                filled.Append(template, done, open - done).Append(text);
                done = close + 1;
                open = close;
            }
        }

        return filled.Append(template, done, template.Length - done).ToString();
    }

    private static string? Value(string place, OuterBan ban, DateTimeOffset now, string? id) => place switch
    {
        "<address>" => ban.Subject.First.ToString(),
        "<network>" => ban.Subject.ToString(),
        "<cidr>" => $"{ban.Subject.First}/{ban.Subject.PrefixLength}",
        "<prefix>" => ban.Subject.PrefixLength.ToString(CultureInfo.InvariantCulture),
        "<mask>" => Mask(ban.Subject),
        "<seconds>" => Seconds(ban, now).ToString(CultureInfo.InvariantCulture),
        "<until>" => (ban.Until ?? DateTimeOffset.MaxValue).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        "<rule>" => new string([.. ban.Rule.Where(char.IsAsciiLetterOrDigit)]),
        Id => id,
        _ => null,
    };

    private static long Seconds(OuterBan ban, DateTimeOffset now) => Math.Max(1, (long)((ban.Until ?? DateTimeOffset.MaxValue) - now).TotalSeconds);

    // Of IPv6 nobody writes masks: there it is the prefix's length.
    private static string Mask(Network network) => network.IsIPv4
        ? Address.FromIPv4(network.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - network.PrefixLength)).ToString()
        : network.PrefixLength.ToString(CultureInfo.InvariantCulture);
}
