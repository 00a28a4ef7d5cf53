using Ringfence.Core.Fraud;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of a section [permission NAME].</summary>
internal static class PermissionKeys
{
    private const string Section = "permission NAME";

    private static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "calls", Type = "allow, pin or deny", Default = "none", IsUnset = true, Example = "deny",
            Meaning = "What becomes of them at the gate. allow: no later section holds them, limits do. pin: the caller has to give his PIN.",
            Set = ConfigKeys.One(static (config, value) => Verdict(value) is { } verdict ? With(config, permission => permission with { Verdict = verdict }) : ConfigKeys.Expect("allow, pin or deny")),
        },
        new()
        {
            Section = Section, Name = "hours", Type = "always, work or off", Default = "always", IsUnset = true, Example = "off",
            Meaning = "When it holds: off is outside of [calls] hours, and on holidays.",
            Set = ConfigKeys.One(static (config, value) => CallFilterKeys.Hours(value) is { } hours ? With(config, permission => permission with { Hours = hours }) : ConfigKeys.Expect("always, work or off")),
        },
        .. CallFilterKeys.Of(Section, withHabits: false, static (config, change) => With(config, permission => permission with { Calls = change(permission.Calls) }).Config!),
    ];

    public static NamedSection Named { get; } = new(
        "permission",
        "What may be called at all, whatever it costs. The gate asks the sections in their order, before any limit: the first one whose lines all hold a call decides. What none holds may leave. Numbers are looked at as what they are, however they were dialled; "
            + "emergency calls leave before.",
        All,
        static (config, name) => config with { Calls = config.Calls with { Permissions = [.. config.Calls.Permissions, new PermissionSettings { Name = name }] } },
        static config => Named!.WrongLast([.. config.Calls.Permissions.Select(static one => one.Name)]) ?? (config.Calls.Permissions[^1].Verdict is null ? "has no calls: expected calls = allow, pin or deny" : null))
    {
        Example = "no-premium",
    };

    private static GateVerdict? Verdict(string text) => text switch { "allow" => GateVerdict.Allow, "pin" => GateVerdict.AskPin, "deny" => GateVerdict.Deny, _ => null };

    private static ConfigKeys.Reading With(RingfenceConfig config, Func<PermissionSettings, PermissionSettings> change) =>
        ConfigKeys.Ok(config with { Calls = config.Calls with { Permissions = config.Calls.Permissions.WithLast(change) } });
}

/// <summary>One [permission NAME].</summary>
internal sealed record PermissionSettings
{
    public required string Name { get; init; }

    /// <summary>null: not said.</summary>
    public GateVerdict? Verdict { get; init; }

    public LimitHours Hours { get; init; }

    public CallFilter Calls { get; init; } = CallFilter.All;
}
