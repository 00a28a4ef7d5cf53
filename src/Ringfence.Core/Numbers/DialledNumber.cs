namespace Ringfence.Core.Numbers;

/// <summary>What a dialled text is to the site that it is dialled at.</summary>
internal enum DialledKind
{
    /// <summary>Not to be read: letters, nothing at all, or more digits than any network takes. The zero value: what nobody read is not let out.</summary>
    Unreadable,

    /// <summary>An extension or a feature code: it stays inside.</summary>
    Internal,

    /// <summary>An emergency number, with or without the digit for an outside line.</summary>
    Emergency,

    /// <summary>A service of the carrier's network that is no number of the world: 118, 0800 short codes.</summary>
    Short,

    /// <summary>A number of the world.</summary>
    Outside,
}

/// <param name="Number">Of <see cref="DialledKind.Outside"/>.</param>
/// <param name="Digits">The digits that were dialled, without an outside line's: what a list of short numbers has.</param>
internal readonly record struct DialledNumber(DialledKind Kind, PhoneNumber Number, string Digits)
{
    public override string ToString() => Kind == DialledKind.Outside ? Number.ToString() : Digits;

    /// <summary>Whether it is that number: as text one may be dialled in many ways, and a trunk's own rules make +23279000001 of 0023279000001.</summary>
    public bool IsSame(in DialledNumber other) => Digits == other.Digits || (Kind == other.Kind && ToString() == other.ToString());
}
