namespace Ringfence.Core.Configuration;

/// <summary>A kind of section of which there may be many, each with a name of its own: [door sshd], [zone phones].</summary>
/// <param name="Kind">The word before the name.</param>
/// <param name="Meaning">As the reference page says it.</param>
/// <param name="Keys">Each sets the last of its kind in the configuration.</param>
/// <param name="Add">Adds one with that name, which may be no good one.</param>
/// <param name="Missing">What the last one lacks, or has in vain: behind "[door sshd] "; null: nothing.</param>
internal sealed record NamedSection(
    string Kind,
    string Meaning,
    IReadOnlyList<ConfigKey> Keys,
    Func<RingfenceConfig, string, RingfenceConfig> Add,
    Func<RingfenceConfig, string?> Missing)
{
    /// <summary>As people read it: "door NAME".</summary>
    public string Section => $"{Kind} NAME";

    /// <returns>What is wrong with a name: letters, digits and - _ . are what every place takes that it is shown at; null: nothing.</returns>
    public string? WrongName(string name, bool isTaken) =>
        name.Length is 0 or > 40 || !name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.')
            ? $"has no name that can be one: expected letters, digits, - _ . such as [{Kind} {Example}]"
            : isTaken ? $"is there twice: expected one section for each {Kind}" : null;

    /// <param name="names">Of all of its kind so far: what is wrong with the last one.</param>
    public string? WrongLast(IReadOnlyList<string> names) => WrongName(names[^1], names.SkipLast(1).Contains(names[^1], StringComparer.Ordinal));

    /// <summary>A name, for messages.</summary>
    public required string Example { get; init; }

    public string NameOf(string section) => section == Kind ? "" : section[(Kind.Length + 1)..].Trim();
}
