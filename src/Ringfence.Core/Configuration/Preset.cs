namespace Ringfence.Core.Configuration;

/// <summary>A set of values to begin with; any key of the file overrides it.</summary>
internal sealed record Preset(string Name, string Meaning, RingfenceConfig Config)
{
    /// <summary>"office", the default, first.</summary>
    public static readonly IReadOnlyList<Preset> All =
    [
        new("office", "5 refusals in 10 minutes; the first ban lasts 1 hour, each later one twice as long, up to 7 days; 5 bans in a day: 7 days.",
            RingfenceConfig.Default),
        new("strict", "3 refusals in 10 minutes; the first ban lasts 1 hour, each later one twice as long, up to 7 days; 3 bans in a day: 7 days.",
            RingfenceConfig.Default with
            {
                Detection = RingfenceConfig.Default.Detection with { Refusals = 3 },
                Bans = RingfenceConfig.Default.Bans with { RepeatBans = 3 },
            }),
        new("aggressive", "2 refusals in 5 minutes; the first ban lasts 1 day, each later one twice as long, up to 7 days; 5 bans in a day: 7 days.",
            RingfenceConfig.Default with
            {
                Detection = RingfenceConfig.Default.Detection with { Refusals = 2, Window = TimeSpan.FromMinutes(5) },
                Bans = RingfenceConfig.Default.Bans with { FirstBan = TimeSpan.FromDays(1) },
            }),
        new("observe", "Everything is decided and shown as in office, nothing is enforced.",
            RingfenceConfig.Default with { Bans = RingfenceConfig.Default.Bans with { ObserveOnly = true } }),
    ];

    /// <returns>null if there is none of that name.</returns>
    public static Preset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);
}
