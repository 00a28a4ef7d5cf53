using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Events;
using Ringfence.Daemon;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class OperatorTrustTests : IDisposable
{
    private static readonly Network Office = Network.Parse("203.0.113.0/24")!.Value;
    private static readonly Network Home = Network.Parse("198.51.100.7")!.Value;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-trust-");
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));

    private string TrustPath => Path.Combine(_directory.FullName, "trust.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("[{\"subject\":\"203.0.113.0/24\",\"sou")]
    [InlineData("\0\0\0\0")]
    [InlineData("")]
    [InlineData("[{\"subject\":\"nonsense\"}]")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[{\"subject\":null,\"source\":\"operator\",\"reason\":\"x\",\"until\":null}]")]
    [InlineData("[{\"subject\":\"203.0.113.7\",\"source\":null,\"reason\":\"x\",\"until\":null}]")]
    [InlineData("[{\"subject\":\"203.0.113.7\",\"source\":\"operator\",\"reason\":null,\"until\":null}]")]
    public void What_the_operator_said_is_kept_aside_when_it_is_damaged_and_said(string damaged)
    {
        File.WriteAllText(TrustPath, damaged);

        var trust = New();
        trust.Set(new TrustReport(Home, "operator", "home", null));

        Assert.Equal(damaged, File.ReadAllText($"{TrustPath}.damaged-20260701T120000Z"));
        Assert.Contains("trust.json.damaged-20260701T120000Z", trust.Problem, StringComparison.Ordinal);
        trust.Set(new TrustReport(Office, "operator", "office", null));
        Assert.Equal([Home, Office], New().Entries.Select(entry => entry.Subject));
        Assert.Null(New().Problem);
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("64.0.0.0/2")]
    [InlineData("::/0")]
    public void A_network_too_wide_for_the_verb_is_not_taken_from_the_file_and_that_is_said(string wide)
    {
        File.WriteAllText(TrustPath, $$"""
            [{"subject":"{{wide}}","source":"operator","reason":"x","until":null},{"subject":"198.51.100.7","source":"operator","reason":"home","until":null}]
            """);

        var trust = New();

        Assert.Equal([Home], trust.TrustedAt(_time.GetUtcNow()).Select(entry => entry.Network));
        Assert.Contains($"{wide} is too wide", trust.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_file_holds_the_guard_starts()
    {
        New().Set(new TrustReport(Home, "operator", "home", _time.GetUtcNow().AddDays(1)));
        New().Set(new TrustReport(Office, "operator", "office", null));
        var sample = File.ReadAllBytes(TrustPath);
        string[] pieces = ["null", "[", "]", "{", "}", "\"", ",", "0", "-1", "1e999", "\\u0000", "0.0.0.0/0", "\"until\":", "[null]", "true"];
        var random = new Random(20260701);

        for (var round = 0; round < 4_000; round++)
        {
            var damaged = new List<byte>(sample);
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                var at = random.Next(damaged.Count);
                if (random.Next(2) == 0)
                {
                    damaged.RemoveRange(at, Math.Min(random.Next(1, 20), damaged.Count - at));
                }

                damaged.InsertRange(Math.Min(at, damaged.Count), System.Text.Encoding.ASCII.GetBytes(pieces[random.Next(pieces.Length)]));
            }

            File.WriteAllBytes(TrustPath, [.. damaged]);
            var trust = New();

            Assert.All(trust.TrustedAt(_time.GetUtcNow()), entry => Assert.True(entry.Network.PrefixLength >= 8 && entry.Reason.Length > 0));
            Assert.All(trust.Entries, entry => Assert.NotNull(entry.Source));
            foreach (var aside in Directory.EnumerateFiles(_directory.FullName, "trust.json.damaged-*"))
            {
                File.Delete(aside);
            }
        }
    }

    [Fact]
    public void What_can_not_be_read_is_not_overwritten_and_is_taken_up_when_it_can_be()
    {
        New().Set(new TrustReport(Office, "operator", "office", null));
        File.Move(TrustPath, $"{TrustPath}.away");
        File.CreateSymbolicLink(TrustPath, TrustPath);

        var trust = New();
        var refused = Assert.Throws<IOException>(() => trust.Set(new TrustReport(Home, "operator", "home", null)));
        File.Delete(TrustPath);
        File.Move($"{TrustPath}.away", TrustPath);
        trust.Set(new TrustReport(Home, "operator", "home", null));

        Assert.Contains("nothing was changed", refused.Message, StringComparison.Ordinal);
        Assert.Equal([Office, Home], New().Entries.Select(entry => entry.Subject));
        Assert.Null(trust.Problem);
    }

    [Fact]
    public void Trust_by_hand_survives_a_restart_and_ends_at_its_end()
    {
        New().Set(new TrustReport(Network.Parse("198.51.100.7")!.Value, "operator", "technician", _time.GetUtcNow().AddHours(1)));
        New().Set(new TrustReport(Network.Parse("2001:db8::/64")!.Value, "operator", OperatorTrust.ByHand, null));

        var after = New();

        Assert.Equal(["trusted by hand: technician", "trusted by hand"], after.TrustedAt(_time.GetUtcNow()).Select(entry => entry.Reason));
        Assert.Equal([Network.Parse("2001:db8::/64")!.Value], after.TrustedAt(_time.GetUtcNow().AddHours(1)).Select(entry => entry.Network));
    }

    [Fact]
    public void A_second_word_about_one_network_replaces_the_first()
    {
        var trust = New();
        trust.Set(new TrustReport(Network.Parse("198.51.100.7")!.Value, "operator", "a", null));
        trust.Set(new TrustReport(Network.Parse("198.51.100.7")!.Value, "operator", "b", null));

        Assert.Equal("b", Assert.Single(trust.Entries).Reason);
        trust.Remove(Home);
        Assert.Empty(New().Entries);
    }

    [Fact]
    public void What_can_not_be_written_has_not_changed()
    {
        var trust = new OperatorTrust(Path.Combine(_directory.FullName, "gone", "trust.json"), _time, NullLogger<OperatorTrust>.Instance);

        Assert.ThrowsAny<IOException>(() => trust.Set(new TrustReport(Network.Parse("198.51.100.7")!.Value, "operator", "a", null)));
        Assert.Empty(trust.Entries);
    }

    private OperatorTrust New() => new(TrustPath, _time, NullLogger<OperatorTrust>.Instance);
}
