using Ringfence.Core.Numbers;

namespace Ringfence.Core.Configuration;

/// <summary>How the site dials, and what its calls cost: [calls].</summary>
internal sealed record CallSettings
{
    /// <summary>The country that the trunks are in, ISO 3166-1; null: nobody said.</summary>
    public string? Country { get; init; }

    /// <summary>What is dialled for an outside line.</summary>
    public IReadOnlyList<string> OutsideLines { get; init; } = [];

    /// <summary>"" where local numbers are dialled with it.</summary>
    public string AreaCode { get; init; } = "";

    /// <summary>Digits of the longest extension.</summary>
    public int ExtensionDigits { get; init; } = 5;

    /// <summary>The carrier's rate deck; null: the risk deck that comes with the program.</summary>
    public string? Deck { get; init; }

    /// <summary>How amounts are shown.</summary>
    public string Currency { get; init; } = "";

    /// <summary>Where the PBX keeps the records of its calls; empty: nobody said.</summary>
    public IReadOnlyList<Calls.CdrPlace> Cdr { get; init; } = [];

    /// <summary>A mapping of cdr_custom.conf that wrote the files; null: cdr_csv did, or there are headings.</summary>
    public string? CdrMapping { get; init; }

    public string CdrTable { get; init; } = "cdr";

    public string CdrUser { get; init; } = "ringfence";

    public string? CdrPassword { get; init; }

    /// <summary>When receivers of notices are told what the day before came to, by the site's own clock; null: never.</summary>
    public TimeOnly? DailyReport { get; init; }

    /// <returns>null: the country is not known.</returns>
    public DiallingRules? Rules => Country is { } country && NumberPlans.BuiltIn.Of(country) is { } home ? new DiallingRules(home, OutsideLines, AreaCode, ExtensionDigits) : null;
}
