using System.Globalization;
using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;

namespace Ringfence.Enforcement;

/// <summary>What opens for addresses of users who roam.</summary>
internal interface IRoamingDoor
{
    /// <summary>Has the door open for just so long for each of these, whether it was open or not; for others it stays as it is.</summary>
    /// <exception cref="FirewallException">It can't be.</exception>
    Task OpenAsync(IReadOnlyCollection<RoamingAddress> entries, CancellationToken stop);

    /// <exception cref="FirewallException">It can't be.</exception>
    Task CloseAsync(Address address, CancellationToken stop);
}

/// <summary>The sets roaming4 and roaming6 of the policy's table, whose elements end by themselves.</summary>
/// <param name="table">"inet ringfence_policy".</param>
internal sealed class RoamingDoor(string table, NftCommand nft, OwnCommits own, TimeProvider clock) : IRoamingDoor
{
    public Task OpenAsync(IReadOnlyCollection<RoamingAddress> entries, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var script = new StringBuilder();
        foreach (var entry in entries.Where(entry => entry.Until > now))
        {
            // Before Linux 6.12 an element that is there keeps its old end: so it is taken out and put in, in one transaction. Taking out wants it there.
            var seconds = Math.Max(1, (long)(entry.Until - now).TotalSeconds);
            Append(script, "add", entry.Address, "");
            Append(script, "delete", entry.Address, "");
            Append(script, "add", entry.Address, string.Create(CultureInfo.InvariantCulture, $" timeout {seconds}s"));
        }

        return script.Length == 0 ? Task.CompletedTask : RunAsync(script, stop);
    }

    public Task CloseAsync(Address address, CancellationToken stop)
    {
        var script = new StringBuilder();
        Append(script, "add", address, "");
        Append(script, "delete", address, "");
        return RunAsync(script, stop);
    }

    private void Append(StringBuilder script, string verb, Address address, string end) =>
        script.Append(CultureInfo.InvariantCulture, $"{verb} element {table} {(address.IsIPv4 ? "roaming4" : "roaming6")} {{ {address}{end} }}\n");

    private async Task RunAsync(StringBuilder script, CancellationToken stop)
    {
        var refusal = await nft.RunAsync(script.ToString(), own.Expect, stop);
        if (refusal is not null)
        {
            throw new FirewallException($"nftables: the door for roaming users can't be opened in table {table}: {refusal}; is the policy applied? ringfence firewall apply");
        }
    }
}
