using System.Text;
using System.Text.Json;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Daemon;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>No damage to what lies beside the journal, and no body of a request, throws anything but what is caught. Seeded: a failure comes again. bench/fuzz runs the same for longer.</summary>
public sealed class StateFuzzTests
{
    private const int Inputs = 20_000;

    [Fact]
    public void No_damaged_accounts_throw_and_what_was_read_is_written_as_what_is_read_again()
    {
        var kept = 0;
        foreach (var text in Damaged(
            "ringfence accounts 1\naccount 00000000c0ffee01 1795219113 1001\nnetwork 198.51.100.0/24 1795219113 1795305513\nagent 000000001badcafe 1795219113 1795305513 Yealink\ntogether 00000000c0ffee02 000000001badcafe\n",
            "account 00000000c0ffee03 -62135596799 x\nagent 1 253402300799 0 \u20ac\u202e\n"))
        {
            var known = Read(text);
            var written = KnownAccountsText.Write(known);

            Assert.Equal(written, KnownAccountsText.Write(Read(written)));
            Assert.InRange(known.All.Count(), 0, text.Length);
            kept += known.All.Count();
        }

        Assert.InRange(kept, Inputs / 10, int.MaxValue);
    }

    [Fact]
    public void No_damaged_list_of_trust_throws_anything_but_that_it_is_no_such_list()
    {
        var read = 0;
        foreach (var text in Damaged("""[{"subject":"203.0.113.5","source":"operator","reason":"the office","until":null},{"subject":"2001:db8::/32","source":"operator","reason":"","until":"2026-11-21T12:00:00.000Z"}]"""))
        {
            try
            {
                Assert.All(OperatorTrust.Parse(text), static entry => Assert.NotNull(entry.Reason));
                read++;
            }
            catch (JsonException)
            {
                // It is moved aside, and said.
            }
        }

        Assert.InRange(read, Inputs / 200, Inputs);
    }

    [Fact]
    public void No_body_of_a_ban_throws_anything_but_what_is_answered_with_400_and_none_bans_for_longer_or_wider_than_it_may()
    {
        var read = 0;
        foreach (var text in Damaged("""{"subject":"203.0.113.5","seconds":3600,"permanent":false,"reason":"x","force":false,"dry_run":true}""", """{"subject":"2001:db8::/32","permanent":true,"reason":null}"""))
        {
            try
            {
                if (JsonSerializer.Deserialize(text, ApiJson.Default.BanBody) is { } body)
                {
                    var request = ApiServer.Request(body);
                    Assert.True(request.Subject.PrefixLength >= (request.Subject.IsIPv4 ? 8 : 16) && (request.For is null || (request.For >= Limits.Shortest && request.For <= Limits.Longest)), text);
                    Assert.InRange(request.Reason.Length, 1, Limits.MaxReasonLength);
                    read++;
                }
            }
            catch (Exception e) when (e is JsonException or ApiServer.BadRequestException)
            {
                // 400, with what was expected.
            }
        }

        Assert.InRange(read, Inputs / 200, Inputs);
    }

    private static KnownAccounts Read(string text)
    {
        var known = new KnownAccounts(new DetectionSettings());
        KnownAccountsText.Read(text, known);
        return known;
    }

    private static IEnumerable<string> Damaged(params string[] samples)
    {
        var random = new Random(20_261_121);
        byte[][] bytes = [.. samples.Select(Encoding.UTF8.GetBytes)];
        for (var input = 0; input < Inputs; input++)
        {
            yield return Encoding.UTF8.GetString(DoorSampleTests.Mutated(random, bytes));
        }
    }
}
