namespace Ringfence.Core.Dialplan;

/// <summary>Numbers that cost money, as they are sent to a provider. Digits and a leading plus alone.</summary>
internal static class NumberClasses
{
    private static readonly NumberLanguage Abroad = Languages.UnionOf([Fit("_00ZXXXXXXX!"), Fit("_+ZXXXXXXX!")]);
    private static readonly NumberLanguage AbroadInAmerica = Languages.Union(Abroad, Fit("_011ZXXXXXXX!"));

    /// <summary>00 or +, then a country and at least six digits; 011 too where the dialplan is one of the North American plan, for elsewhere that is a number at home.</summary>
    public static NumberLanguage International(Plan plan) =>
        IsNorthAmerican(plan) || plan.Contexts.SelectMany(static context => context.Extensions).Any(static extension => extension.Pattern.Contains("011", StringComparison.Ordinal))
            ? AbroadInAmerica : Abroad;

    /// <summary>The dialplan has numbers of ten digits as the North American plan writes them.</summary>
    public static bool IsNorthAmerican(Plan plan) =>
        plan.Contexts.SelectMany(static context => context.Extensions).Any(static extension => extension.Pattern.Contains("NXXNXXXXXX", StringComparison.OrdinalIgnoreCase));

    /// <summary>Area codes of Caribbean states in the North American plan: dialled like a call at home, charged like one abroad.</summary>
    /// <remarks>NANPA's list of area codes outside the United States and Canada, without the territories of the United States.</remarks>
    public static NumberLanguage Caribbean { get; } = Languages.UnionOf(
        ((string[])["242", "246", "264", "268", "284", "345", "441", "473", "649", "658", "664", "721", "758", "767", "784", "809", "829", "849", "868", "869", "876"])
        .SelectMany(static area => (NumberLanguage[])[Fit($"_{area}NXXXXXX"), Fit($"_1{area}NXXXXXX"), Fit($"_+1{area}NXXXXXX")]));

    /// <summary>Premium numbers of the North American plan, with and without the 1.</summary>
    public static NumberLanguage Nine00 { get; } = Languages.UnionOf([Fit("_900XXXXXXX"), Fit("_1900XXXXXXX"), Fit("_+1900XXXXXXX")]);

    /// <inheritdoc cref="Nine00"/>
    public static NumberLanguage Nine76 { get; } = Languages.UnionOf([Fit("_NXX976XXXX"), Fit("_1NXX976XXXX"), Fit("_+1NXX976XXXX")]);

    private static NumberLanguage Fit(string pattern) => Languages.Intersect(Languages.Fitting(pattern), Languages.Repeat("0123456789+", 1));
}
