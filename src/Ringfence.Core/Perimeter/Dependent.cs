using Ringfence.Core.Events;

namespace Ringfence.Core.Perimeter;

/// <summary>Somebody who uses this machine now and must not be cut off by mistake.</summary>
/// <param name="Who">For people: "phone 1001", "trunk sip.example.com", "ssh session".</param>
/// <param name="Addresses">Where he may come from; one that passes is enough.</param>
/// <param name="Services">Names of services of which he needs one.</param>
/// <param name="Port">The port that he uses, where it is known.</param>
internal sealed record Dependent(string Who, IReadOnlyList<Address> Addresses, IReadOnlyList<string> Services, ushort? Port = null)
{
    public static readonly IReadOnlyList<string> Sip = ["sip", "sips", "wss"];

    public static readonly IReadOnlyList<string> Ssh = ["ssh"];

    /// <summary>Whether the policy lets him come back when his connection ends.</summary>
    /// <param name="interfaceOf">By which interface an address comes in.</param>
    public bool Passes(Policy policy, Func<Address, string> interfaceOf) => Addresses.Any(address => Ports(policy).Any(port => policy.Passes(new Arrival(address, interfaceOf(address), port.Protocol, port.Port))));

    // With the wrong port asked he might seem to pass by a door that he does not use: the first port of each range of the services stands for all of it.
    private IEnumerable<(PortProtocol Protocol, ushort Port)> Ports(Policy policy) => Port is { } known ? [(PortProtocol.Tcp, known)]
        : policy.Services.Where(service => Services.Contains(service.Name, StringComparer.Ordinal)).SelectMany(static service => service.Ports).Select(static range => (range.Protocol, range.First));
}
