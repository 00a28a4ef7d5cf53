using System.Collections.Concurrent;

namespace Ringfence.Enforcement;

/// <summary>Which netlink sockets are ours, so that a commit of our own is not taken for somebody's meddling.</summary>
/// <remarks>The program nft gets its process id as its socket's number (netlink(7)); the id is used again some day, so it is ours for one commit only.</remarks>
internal sealed class OwnCommits
{
    private readonly ConcurrentDictionary<uint, bool> _ports = [];

    /// <summary>A socket of this process: ours for good.</summary>
    public void Begin(uint port) => _ports[port] = true;

    /// <summary>A run of nft: ours until its commit was told.</summary>
    public void Expect(uint process) => _ports.TryAdd(process, false);

    public bool IsOurs(uint port) => _ports.ContainsKey(port);

    /// <summary>The commit of that socket was told, or will never be.</summary>
    public void Close(uint port) => _ports.TryRemove(new KeyValuePair<uint, bool>(port, false));

    /// <summary>Nobody listened when the runs of nft so far were told.</summary>
    public void Forget()
    {
        foreach (var port in _ports.Keys)
        {
            Close(port);
        }
    }
}
