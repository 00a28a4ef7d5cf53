namespace Ringfence.Core.Numbers;

/// <summary>What a number is for, as its country's plan says; libphonenumber's PhoneNumberType.</summary>
internal enum NumberKind
{
    /// <summary>In no range that the plan has given out.</summary>
    Unknown,
    Fixed,
    Mobile,

    /// <summary>The plan does not tell the two apart (+1).</summary>
    FixedOrMobile,
    TollFree,
    Premium,
    SharedCost,
    Voip,
    Personal,
    Pager,

    /// <summary>One number for a company's many offices.</summary>
    Uan,
    Voicemail,
}

/// <summary>Whether anybody can have a number.</summary>
internal enum NumberValidity
{
    /// <summary>No country has this calling code. The zero value: what is no number is not a valid one.</summary>
    NoCountry,
    Valid,

    /// <summary>Of a length that the plan has, in a range that it has not given out.</summary>
    Unallocated,
    TooShort,
    TooLong,

    /// <summary>Neither the shortest nor the longest, and none between that the plan has.</summary>
    WrongLength,
}
