using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>One key of ringfence.conf: how it is read, and what the reference page and the example file say of it.</summary>
internal sealed record ConfigKey
{
    public required string Section { get; init; }

    public required string Name { get; init; }

    /// <summary>What a value looks like, with its range: "duration, 1m to 365d".</summary>
    public required string Type { get; init; }

    /// <summary>What holds when the key is not given, in the preset office.</summary>
    public required string Default { get; init; }

    /// <summary>There is no value that means what holds when the key is not given: <see cref="Default"/> says it in words.</summary>
    public bool IsUnset { get; init; }

    /// <summary>One or two sentences for the operator.</summary>
    public required string Meaning { get; init; }

    /// <summary>A value that is read without a mistake.</summary>
    public required string Example { get; init; }

    /// <summary>May be given several times, and each time as a list with commas.</summary>
    public bool IsList { get; init; }

    /// <summary>A list whose elements may hold commas: it is given several times, never with commas.</summary>
    public bool KeepsCommas { get; init; }

    /// <summary>No message shows its value: mistakes end up in the service's log and in tickets.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Puts the values into the configuration and adds a mistake for each that it can't read.</summary>
    public required Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Set { get; init; }
}

/// <summary>A value as it stands in the file; for a list, one element of it.</summary>
internal sealed record GivenValue(string Key, string Text, Place Place)
{
    /// <summary>No message shows it.</summary>
    public bool IsSecret { get; init; }

    public ConfigMistake Expected(string expected) => new(Place, IsSecret ? $"{Key}: expected {expected}" : $"{Key} is \"{Shown.Text(Text)}\": expected {expected}");
}
