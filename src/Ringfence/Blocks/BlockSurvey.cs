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
        var made = new BlockEchoes([.. fail2ban ?? [], .. crowdsec ?? [], .. ufw ?? [], .. firewalld ?? []]);
        List<Block> known = [.. fail2ban ?? [], .. crowdsec ?? [], .. others.XtRecent(places.XtRecent, places.TimerList), .. others.Hosts(places.HostsAllow, places.HostsDeny), .. ufw ?? [], .. firewalld ?? []];
        List<Block> tables = [.. iptables ?? [], .. ip6tables ?? []];
        var raw = new BlockEchoes(tables);
        var lists = places.AsteriskDirectory is { } directory ? AccessLists.Read(directory, new ConfigDirectory(), subject) : [];
        return new BlockSurvey(
            [.. known, .. tables.Where(block => !made.Holds(block)), .. (nft ?? []).Where(block => !made.Holds(block) && !raw.HoldsRule(block)), .. lists], others.Unknown);
    }
}
