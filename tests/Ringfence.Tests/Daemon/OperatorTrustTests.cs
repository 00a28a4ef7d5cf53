using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Ringfence.Tests.Detection;
using Ringfence.Tests.Sources;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class OperatorTrustTests : IDisposable
{
    private static readonly DateTimeOffset Now = Attempts.Time(0);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-trust-");
    private readonly List<string> _messages = [];

    private string PathOf => Path.Combine(_directory.FullName, "trust.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Trust_by_hand_survives_a_restart_and_ends_at_its_end()
    {
        New().Set(new TrustReport(Net("198.51.100.7"), "operator", "technician", Now.AddHours(1)));
        New().Set(new TrustReport(Net("2001:db8::/64"), "operator", OperatorTrust.ByHand, null));

        var after = New();

        Assert.Equal(["trusted by hand: technician", "trusted by hand"], after.TrustedAt(Now).Select(entry => entry.Reason));
        Assert.Equal([Net("2001:db8::/64")], after.TrustedAt(Now.AddHours(1)).Select(entry => entry.Network));
    }

    [Fact]
    public void A_second_word_about_one_network_replaces_the_first()
    {
        var trust = New();
        trust.Set(new TrustReport(Net("198.51.100.7"), "operator", "a", null));
        trust.Set(new TrustReport(Net("198.51.100.7"), "operator", "b", null));

        Assert.Equal("b", Assert.Single(trust.Entries).Reason);
        trust.Remove(Net("198.51.100.7"));
        Assert.Empty(New().Entries);
    }

    [Fact]
    public void A_file_that_is_no_longer_json_trusts_nobody_and_is_said()
    {
        File.WriteAllText(PathOf, "{ half");

        Assert.Empty(New().Entries);
        Assert.Contains("addresses trusted by hand are not trusted now", Assert.Single(_messages), StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_not_be_written_has_not_changed()
    {
        var trust = new OperatorTrust(Path.Combine(_directory.FullName, "gone", "trust.json"), NullLogger<OperatorTrust>.Instance);

        Assert.ThrowsAny<IOException>(() => trust.Set(new TrustReport(Net("198.51.100.7"), "operator", "a", null)));
        Assert.Empty(trust.Entries);
    }

    private static Network Net(string text) => Network.Parse(text)!.Value;

    private OperatorTrust New() => new(PathOf, new ListLogger<OperatorTrust>(_messages));
}
