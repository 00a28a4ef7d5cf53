namespace Ringfence.Core.Numbers;

/// <summary>A number of the world (E.164), and what its country's plan says of it.</summary>
/// <param name="Digits">Calling code and national number, without "+": at most 15 of a valid one (ITU-T E.164).</param>
/// <param name="CallingCode">0: no country has it.</param>
/// <param name="Region">ISO 3166-1 code; "001": of no country (satellites, international networks); "": not known.</param>
internal readonly record struct PhoneNumber(string Digits, int CallingCode, string Region, NumberKind Kind, NumberValidity Validity)
{
    public bool IsValid => Validity == NumberValidity.Valid;

    /// <summary>Without the calling code.</summary>
    public string National => CallingCode == 0 ? Digits : Digits[(CallingCode < 10 ? 1 : CallingCode < 100 ? 2 : 3)..];

    public override string ToString() => $"+{Digits}";
}
