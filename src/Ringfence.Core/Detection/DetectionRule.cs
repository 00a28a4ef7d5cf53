using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection;

/// <summary>Looks at the newest refusal of an address, already in its history, and says what is wrong, or null.</summary>
/// <param name="refusals">Those of the address that the claim may stand on.</param>
internal delegate Claim? DetectionCheck(in PbxEvent seen, Refusals refusals, DetectionSettings settings);

/// <param name="Count">How many records the claim stands on.</param>
/// <param name="Words">"wrong passwords", "unknown accounts": what the count counts.</param>
/// <param name="Tried">The records that it stands on, where they are not those of the address in the last minutes.</param>
/// <param name="Within">The time that was looked at; null: <see cref="DetectionSettings.Window"/>.</param>
internal readonly record struct Claim(int Count, string Words, TriedAccounts? Tried = null, TimeSpan? Within = null)
{
    /// <summary>It is to be known, and bans nobody.</summary>
    public bool TellOnly { get; init; }

    /// <summary>So little that whoever lives at the address must lose nothing: it leads to a throttle, where one can be, and else to nothing.</summary>
    public bool ThrottleOnly { get; init; }

    /// <summary>When what was counted began, where the evidence does not reach back so far; UTC ticks; null: it does.</summary>
    public long? SinceTicks { get; init; }

    /// <summary>It is about the account, whoever it was that came last, and is told once a day; the proof that the evidence has; null: it is about the address.</summary>
    public Proof? OfAccount { get; init; }

    /// <summary>It stands on forgiven refusals too, and is told once a day.</summary>
    public bool IsBetweenLogins { get; init; }
}

/// <summary>
/// A rule over events. <see cref="RuleInfo.Bad"/> and <see cref="RuleInfo.Good"/> are logs; a line "# here" stands behind the line
/// that must complete the claim.
/// </summary>
internal sealed record DetectionRule : RuleInfo
{
    /// <summary>The kinds of event that the rule looks at.</summary>
    public required IReadOnlyList<EventKind> Kinds { get; init; }

    /// <summary>null for a rule that looks at decisions instead of events (repeat offenders: see BanLedger).</summary>
    public required DetectionCheck? Check { get; init; }

    /// <summary>What the examples need beyond the default settings.</summary>
    public DetectionSettings ExampleSettings { get; init; } = new();

    /// <summary>The door whose log the examples are; null: the PBX's.</summary>
    public DoorSettings? ExampleDoor { get; init; }
}
