using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Ringfence.Core.Perimeter;

namespace Ringfence.Enforcement;

/// <summary>What opens for addresses of users who roam.</summary>
internal interface IRoamingDoor
{
    /// <summary>Has the door open for just so long for each of these, whether it was open or not; for others it stays as it is.</summary>
    /// <exception cref="FirewallException">It can't be.</exception>
    Task OpenAsync(IReadOnlyCollection<RoamingAddress> entries, CancellationToken stop);

    /// <exception cref="FirewallException">It can't be.</exception>
    Task CloseAsync(IReadOnlyCollection<Address> addresses, CancellationToken stop);

    /// <summary>Another number after each change of the kernel's rules.</summary>
    /// <exception cref="FirewallException">The kernel does not tell.</exception>
    uint Generation();

    /// <summary>For whom it is open, and for how long, whoever opened it.</summary>
    /// <exception cref="FirewallException">The kernel does not tell.</exception>
    IReadOnlyList<(Address Address, TimeSpan Left)> Read();
}

/// <summary>The sets roaming4 and roaming6 of the policy's table, whose elements end by themselves.</summary>
/// <param name="open">Opens a socket to the kernel.</param>
internal sealed class RoamingDoor(NftCommand nft, Func<NetlinkSocket> open, TimeProvider clock) : IRoamingDoor
{
    private static readonly byte[] Table = System.Text.Encoding.ASCII.GetBytes(NftPolicy.Table);

    public Task OpenAsync(IReadOnlyCollection<RoamingAddress> entries, CancellationToken stop)
    {
        // To the second, as nft has it; who ends together goes together.
        var now = clock.GetUtcNow();
        return RunAsync(string.Concat(entries.Where(entry => entry.Until > now).GroupBy(entry => Math.Max(1, (long)(entry.Until - now).TotalSeconds))
            .Select(static same => PolicyScripts.Open(NftPolicy.Roaming, [.. same.Select(static entry => entry.Address)], TimeSpan.FromSeconds(same.Key)))), stop);
    }

    public Task CloseAsync(IReadOnlyCollection<Address> addresses, CancellationToken stop) => RunAsync(PolicyScripts.Shut(NftPolicy.Roaming, addresses), stop);

    public IReadOnlyList<(Address Address, TimeSpan Left)> Read()
    {
        using var kernel = new KernelTable(open(), Table);
        return [.. ((bool[])[true, false]).SelectMany(isIPv4 => kernel.Hosts($"{NftPolicy.Roaming}{(isIPv4 ? 4 : 6)}", isIPv4)).Where(static element => element.Remaining is not null)
            .Select(static element => (element.Key, element.Remaining!.Value))];
    }

    public uint Generation()
    {
        using var kernel = new KernelTable(open(), Table);
        return kernel.Generation();
    }

    private async Task RunAsync(string script, CancellationToken stop)
    {
        if (script.Length > 0 && await nft.RunAsync(script, stop) is { } refusal)
        {
            throw new FirewallException($"nftables: the door for roaming users can't be opened in table inet {NftPolicy.Table}: {refusal}; is the policy applied? ringfence firewall apply");
        }
    }
}
