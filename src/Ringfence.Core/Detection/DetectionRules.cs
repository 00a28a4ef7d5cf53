using Ringfence.Core.Detection.Rules;

namespace Ringfence.Core.Detection;

/// <summary>Every detection rule, in the order in which they are asked: the first claim stands.</summary>
internal static class DetectionRules
{
    public static IReadOnlyList<DetectionRule> All { get; } =
    [
        DecoyAccount.Rule,
        InjectedText.Rule,
        AccountScan.Rule,
        PasswordGuessing.Rule,
        UnknownAccounts.Rule,
        AclRefusals.Rule,
        UnauthenticatedCalls.Rule,
        ScannerTool.Rule,
        SlowScan.Rule,
        DistributedGuessing.Rule,
        PasswordSpraying.Rule,
        MalformedPackets.Rule,
        FutileConnections.Rule,
        CrossSiteLogins.Rule,
        OtherNumbers.Rule,
        GuessingBetweenLogins.Rule,
        DoorFailures.Rule,
        // Behind all that bans: it is told of the same events.
        GuessedAccount.Rule,
        BatteredAccount.Rule,
        RepeatOffender.Rule,
        NeighbourBans.Rule,
        StolenCredentials.Rule,
        ForgedLine.Rule,
        HiddenRefusals.Rule,
        Flood.Rule,
    ];
}
