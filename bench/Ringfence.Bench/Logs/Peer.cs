using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Bench.Logs;

/// <summary>The far end of a request, as the log writes it.</summary>
internal sealed class Peer(Address address)
{
    public bool IsIPv4 { get; } = address.IsIPv4;

    public byte[] Text { get; } = Encoding.ASCII.GetBytes(address.ToString());

    /// <summary>The n-th address of a block.</summary>
    public static Peer At(uint block, int n) => new(Address.FromIPv4(block + (uint)n));
}
