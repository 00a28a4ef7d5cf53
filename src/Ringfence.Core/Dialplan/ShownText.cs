namespace Ringfence.Core.Dialplan;

/// <summary>What a caller must say of himself for a condition to be as a way needs it. He writes it into his own call, so it keeps nobody out who knows it.</summary>
/// <param name="Part"><see cref="Number"/>, <see cref="Name"/>, or "header X-Ext".</param>
/// <param name="Texts">With any of these it is so.</param>
internal sealed record ShownText(string Part, NumberLanguage Texts)
{
    public const string Number = "number";
    public const string Name = "name";

    // What everybody shows who thinks of nothing; a header that a dialplan asks for is one that most calls don't have.
    private static readonly string[] UsualNumbers = ["4930123456", "12025550123", "02071838750"];
    private static readonly string[] UsualNames = ["Alice", "Anna Schmidt"];

    /// <summary>Callers pass who show nothing unusual: what is refused is an anonymous one, or some number.</summary>
    public bool IsUsual => (Part switch { Number => UsualNumbers, Name => UsualNames, _ => [""] }).All(Texts.Contains);

    /// <summary>The part of the caller that a function of the dialplan gives as it came.</summary>
    /// <returns>null: the function gives something else.</returns>
    public static string? PartOf(string function, string arguments) => (function, arguments.Split(',')) switch
    {
        ("CALLERID", [var part]) when part.Trim().ToLowerInvariant() is "num" or "number" => Number,
        ("CALLERID", [var part]) when part.Trim().Equals("name", StringComparison.OrdinalIgnoreCase) => Name,
        ("PJSIP_HEADER", ["read", var header]) => Header(header),
        ("SIP_HEADER", [var header]) => Header(header),
        _ => null,
    };

    /// <summary>What must be shown for the condition to hold, and for it not to.</summary>
    /// <param name="entered">So many inputs there are already.</param>
    /// <returns>null: something else has a say in it, or more than one part.</returns>
    public static (ShownText Holds, ShownText Fails)? Decides(string condition, CallTexts texts, int entered)
    {
        string? part = null;
        var demand = CallCondition.Of(condition, texts with { Shows = asked => (part ??= asked) == asked ? new InputText(entered) : null });
        return part is not null && demand.Input == entered
            ? (new ShownText(part, Languages.Except(demand.Holds, demand.Fails)), new ShownText(part, Languages.Except(demand.Fails, demand.Holds)))
            : null;
    }

    /// <summary>What must be shown for all of what is assumed.</summary>
    /// <param name="entered">What is shown anyway.</param>
    /// <returns>null: more is assumed than that, or no text is all of it at once.</returns>
    public static IReadOnlyList<ShownText>? For(IEnumerable<Assumption> assumptions, IReadOnlyList<ShownText> entered)
    {
        var needed = assumptions.Where(static assumption => !assumption.ComesByItself).ToList();
        if (needed.Exists(static assumption => assumption.Shown is null))
        {
            return null;
        }

        var shown = needed.GroupBy(static assumption => assumption.Shown!.Part).OrderBy(static same => same.Key, StringComparer.Ordinal)
            .Select(same => new ShownText(same.Key, same.Select(static assumption => assumption.Shown!).Concat(entered.Where(one => one.Part == same.Key)).Select(static one => one.Texts).Aggregate(Languages.Intersect))).ToList();
        return shown.Exists(static one => one.Texts.IsNone) ? null : shown;
    }

    // Who the call is for is written by whoever brings it, and says no more than the number that was dialled.
    private static string? Header(string name) => name.Trim() is { Length: > 0 } header && header.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
        && !((string[])["To", "Request-Line", "Via", "Call-ID", "CSeq"]).Contains(header, StringComparer.OrdinalIgnoreCase) ? $"header {header}" : null;
}
