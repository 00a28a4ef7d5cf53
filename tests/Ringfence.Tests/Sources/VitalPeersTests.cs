using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class VitalPeersTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-peers-").FullName;

    [Fact]
    public void Name_servers_and_default_gateways_are_known_and_nothing_else()
    {
        var resolver = Write("resolv.conf", "# nameserver 192.0.2.1\nnameserver 192.0.2.53\nnameserver fe80::53%eth0\nsearch example.com\nnameserver nonsense\n");
        Write("route", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
        Write("ipv6_route", $"{new string('0', 32)} 00 {new string('0', 32)} 00 20010db8000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n{new string('0', 32)} 00 {new string('0', 32)} 00 {new string('0', 32)} ffffffff 00000001 00000000 00200200 lo\n");

        var found = new VitalPeers([resolver, $"{_directory}/missing"], _directory).Read();

        Assert.Equal(
            [("192.0.2.53", $"name server in {resolver}"), ("fe80::53", $"name server in {resolver}"), ("192.0.2.1", "default gateway"), ("2001:db8::1", "default gateway")],
            found.Select(entry => (entry.Network.ToString(), entry.Reason)));
    }

    [Fact]
    public void Where_nothing_can_be_read_nobody_is_trusted() => Assert.Empty(new VitalPeers([$"{_directory}/missing"], $"{_directory}/none").Read());

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
