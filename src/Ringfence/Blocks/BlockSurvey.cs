using Ringfence.Core.Blocks;
using Ringfence.Core.Events;
using Ringfence.Sources;

namespace Ringfence.Blocks;

/// <summary>Who on this machine, beside Ringfence, blocks an address.</summary>
/// <param name="Unknown">Who could not be asked and why, a sentence each.</param>
internal sealed record BlockSurvey(IReadOnlyList<Block> Blocks, IReadOnlyList<string> Unknown)
{
    /// <summary>fail2ban's and CrowdSec's programs need half a second, on a busy machine more.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);

    /// <summary>Asks everybody at once.</summary>
    /// <param name="patience">How long each may take.</param>
    public static async Task<BlockSurvey> OfAsync(Network subject, BlockPlaces places, TimeProvider clock, TimeSpan patience, CancellationToken stop)
    {
        var others = new OtherBlockers(subject, patience, clock);
        var fail2banAsked = others.Fail2banAsync(stop);
        var crowdsecAsked = others.CrowdsecAsync(stop);
        var ufwAsked = others.UfwAsync(stop);
        var firewalldAsked = others.FirewalldAsync(stop);
        var iptablesAsked = others.IptablesAsync("iptables", stop);
        var ip6tablesAsked = others.IptablesAsync("ip6tables", stop);
        var nftAsked = others.NftAsync(places.WithOwn, stop);
        var fail2ban = await fail2banAsked;
        var crowdsec = await crowdsecAsked;
        var ufw = await ufwAsked;
        var firewalld = await firewalldAsked;
        var iptables = await iptablesAsked;
        var ip6tables = await ip6tablesAsked;
        var nft = await nftAsked;

        // The same rule under two names: told by whoever made it, who also knows how to lift it for good.
        List<Block> known = [.. fail2ban ?? [], .. crowdsec ?? [], .. others.XtRecent(places.XtRecent), .. others.HostsDeny(places.HostsDeny), .. ufw ?? [], .. firewalld ?? []];
        var tables = (iptables ?? []).Concat(ip6tables ?? []).Where(block => !(ufw is not null && IsIn(block, "chain ufw")) && !IsEcho(block, BlockKind.Fail2ban, "chain f2b-", known));
        var raw = (nft ?? []).Where(block =>
            !(firewalld is not null && IsIn(block, " firewalld"))
            && !(iptables is not null && IsOfIptables(block, "ip"))
            && !(ip6tables is not null && IsOfIptables(block, "ip6"))
            && !IsEcho(block, BlockKind.Fail2ban, " f2b-", known)
            && !IsEcho(block, BlockKind.CrowdSec, " crowdsec", known));
        var lists = places.AsteriskDirectory is { } directory ? AccessLists.Read(directory, new ConfigDirectory(), subject) : [];
        return new BlockSurvey([.. known, .. tables, .. raw, .. lists], others.Unknown);
    }

    private static bool IsIn(Block block, string place) => block.Where.Contains(place, StringComparison.Ordinal);

    private static bool IsOfIptables(Block block, string family) =>
        ((string[])["filter", "raw", "mangle", "nat", "security"]).Any(table => block.Where.EndsWith($" of {family} {table}", StringComparison.Ordinal));

    // What fail2ban and CrowdSec's bouncer put into the kernel for a ban that they tell of themselves.
    private static bool IsEcho(Block block, BlockKind maker, string place, List<Block> known) =>
        IsIn(block, place) && known.Exists(other => other.Kind == maker && other.Subject.Contains(block.Subject));
}
