namespace Ringfence.Core.Blocks;

/// <summary>
/// What of the kernel's rules and sets others tell themselves, and lift for good: fail2ban's bans, CrowdSec's decisions, ufw's and firewalld's own rules. A rule in somebody's chain that he
/// does not tell of (ufw's before.rules, an old chain of a fail2ban that is gone) is none.
/// </summary>
/// <param name="told">What they tell.</param>
internal sealed class BlockEchoes(IReadOnlyList<Block> told)
{
    /// <summary>Whether it is in the place of somebody who tells of the same address himself.</summary>
    public bool Holds(Block block) => told.Any(other => other.Subject.Contains(block.Subject) && IsPlaceOf(other, block));

    /// <summary>Whether it is the same rule of the same chain, as another program prints it.</summary>
    public bool HoldsRule(Block block) => told.Any(other => other.Table == block.Table && other.Chain == block.Chain && other.Subject.Contains(block.Subject));

    private static bool IsPlaceOf(Block maker, Block block) => maker.Kind switch
    {
        BlockKind.Fail2ban => Says(block.Where, " f2b-"),
        BlockKind.CrowdSec => Says(block.Where, "crowdsec"),
        BlockKind.Rule when maker.Where == "ufw" => block.Chain.StartsWith("ufw-user-", StringComparison.Ordinal) || block.Chain.StartsWith("ufw6-user-", StringComparison.Ordinal),
        BlockKind.Rule when Says(maker.Where, "firewalld,") => block.Table.EndsWith(" firewalld", StringComparison.Ordinal) || IsOfFirewalld(block.Chain),
        _ => false,
    };

    // Its chains where it writes with iptables: IN_public_deny, FWDI_drop, INPUT_ZONES.
    private static bool IsOfFirewalld(string chain) =>
        ((string[])["IN_", "FWD", "PRE_", "INPUT_", "FORWARD_", "PREROUTING_"]).Any(start => chain.StartsWith(start, StringComparison.Ordinal));

    private static bool Says(string where, string name) => where.Contains(name, StringComparison.OrdinalIgnoreCase);
}
