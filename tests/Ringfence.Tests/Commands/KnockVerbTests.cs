using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class KnockVerbTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-knock-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_new_prints_is_a_section_that_is_read_and_a_file_whose_knocks_open()
    {
        var (code, output, _) = await new Console().RunAsync("knock", "--new", "anna");
        Assert.Equal(ExitCode.Fine, code);
        var lines = output.Split('\n');
        var config = ConfigReader.Parse("r", string.Join('\n', lines.Where(static line => line.StartsWith('[') || line.StartsWith("secret", StringComparison.Ordinal)))).Config!;
        var file = Path.Combine(_directory, "anna.knock");
        await File.WriteAllTextAsync(file, lines.Single(static line => line.StartsWith("ringfence-knock", StringComparison.Ordinal)) + "\n", TestContext.Current.CancellationToken);
        using var pbx = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        pbx.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        pbx.ReceiveTimeout = 10_000;

        var (knocked, said, _) = await new Console().RunAsync("knock", "127.0.0.1", "--key-file", file, "--port", $"{((IPEndPoint)pbx.LocalEndPoint!).Port}", "--address", "198.51.100.7");

        Assert.Equal((ExitCode.Fine, "Knocked at 127.0.0.1. It never answers: try to register.\n"), (knocked, said));
        var packet = new byte[2000];
        var length = pbx.Receive(packet);
        using var gate = new KnockGate(config.Roaming.Users.Select(static user => user.Key!), TimeSpan.FromMinutes(1), static _ => DateTimeOffset.MinValue);
        var opening = gate.See(packet.AsSpan(0, length), Address.Parse("203.0.113.5")!.Value, new ManualTime().GetUtcNow());
        Assert.Equal(("anna", "198.51.100.7"), (opening?.User, opening?.Address.ToString()));
    }

    [Fact]
    public async Task Two_secrets_of_one_name_are_not_the_same() =>
        Assert.NotEqual((await new Console().RunAsync("knock", "--new", "anna")).Output, (await new Console().RunAsync("knock", "--new", "anna")).Output);

    [Theory]
    [InlineData("knock")]
    [InlineData("knock", "pbx.example.com")]
    [InlineData("knock", "--new", "an na")]
    [InlineData("knock", "127.0.0.1", "--key-file", "/nowhere/anna.knock")]
    [InlineData("knock", "127.0.0.1", "--key-file", "/nowhere/anna.knock", "--port", "0")]
    [InlineData("knock", "127.0.0.1", "--key-file", "/nowhere/anna.knock", "--address", "x")]
    public async Task What_can_not_be_a_knock_is_a_mistake(params string[] args) => Assert.Equal(ExitCode.Mistake, (await new Console().RunAsync(args)).ExitCode);

    [Fact]
    public async Task A_file_that_holds_no_key_is_not_shown()
    {
        var file = Path.Combine(_directory, "other");
        await File.WriteAllTextAsync(file, "test-password\n", TestContext.Current.CancellationToken);

        var (code, _, error) = await new Console().RunAsync("knock", "127.0.0.1", "--key-file", file);

        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("ringfence knock --new NAME", error, StringComparison.Ordinal);
        Assert.DoesNotContain("test-password", error, StringComparison.Ordinal);
    }
}
