namespace Ringfence.Core.Catalogue;

/// <summary>One option of an object or a file, in one version of Asterisk.</summary>
/// <param name="Name">As Asterisk writes it.</param>
/// <param name="Default">The value that holds where the option is not given; empty: none; null: not known.</param>
internal sealed record OptionInfo(string Name, OptionKind Kind, string? Default)
{
    /// <summary>What <see cref="OptionKind.OneOf"/>, <see cref="OptionKind.Exactly"/> and <see cref="OptionKind.Words"/> take; every word for yes and no where <see cref="TakesBool"/>.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    public bool TakesBool { get; init; }

    public bool TakesEmpty { get; init; }

    /// <summary>Least and greatest number; null: what 32 bits hold.</summary>
    public (long Least, long Most)? Range { get; init; }

    /// <summary>A wrong number is replaced by another, and the object lives.</summary>
    public bool IsLenient { get; init; }

    /// <summary>Its documentation calls it so.</summary>
    public bool IsDeprecated { get; init; }
}
