using System.Text;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>The country that a PBX is in, as its machine says.</summary>
/// <param name="Code">ISO 3166-1, with a number plan.</param>
/// <param name="IsSure">Two that know nothing of each other say the same.</param>
/// <param name="Why">"indications.conf has country = de, and the clock is Europe/Berlin's".</param>
internal sealed record SiteCountry(string Code, bool IsSure, string Why)
{
    private const string Zones = "/usr/share/zoneinfo/zone.tab";

    // What Asterisk's sample has, and FreePBX where nobody chose: it says nothing.
    private const string Untouched = "us";

    /// <param name="directory">Asterisk's configuration directory.</param>
    /// <param name="zone">The machine's: "Europe/Berlin".</param>
    /// <returns>null: nothing says it.</returns>
    public static SiteCountry? Of(string directory, IConfigFiles files, string zone)
    {
        var tones = AsteriskConfig.Read("indications.conf", directory, files).Named("general").Select(static section => section["country"]).LastOrDefault(static value => !string.IsNullOrEmpty(value))?.Trim();
        var byTones = tones is null || tones.Equals(Untouched, StringComparison.OrdinalIgnoreCase) ? null : Known(tones.Equals("uk", StringComparison.OrdinalIgnoreCase) ? "GB" : tones);
        var byClock = Known(OfZone(files, zone));
        var clock = $"the clock is {Shown.Text(zone)}'s";
        return (byTones, byClock) switch
        {
            (null, null) => null,
            (null, { } only) => new SiteCountry(only, IsSure: false, clock),
            ({ } said, null) => new SiteCountry(said, IsSure: false, $"indications.conf has country = {Shown.Text(tones!)}"),
            ({ } said, { } other) => new SiteCountry(said, said == other, $"indications.conf has country = {Shown.Text(tones!)}, and {clock}"),
        };
    }

    private static string? Known(string? code) => code is { Length: 2 } && NumberPlans.BuiltIn.Of(code.ToUpperInvariant()) is { } plan ? plan.Region : null;

    // "DE\t+5230+01322\tEurope/Berlin\tmost of Germany"; the tz database lists each zone under one country.
    private static string? OfZone(IConfigFiles files, string zone) => zone.Length == 0 || files.Read(Zones) is not { } table ? null
        : Encoding.UTF8.GetString(table).Split('\n').Where(static line => !line.StartsWith('#')).Select(static line => line.Split('\t')).FirstOrDefault(line => line.Length > 2 && line[2].Trim() == zone)?[0];
}
