using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Lists;
using Ringfence.Daemon;

namespace Ringfence.Bench.Fuzzing;

/// <summary>What the daemon kept beside its journal, damaged, and what is asked of its API.</summary>
internal static class StateTargets
{
    private static readonly byte[][] Accounts = Bytes(
        "ringfence accounts 1\naccount 00000000c0ffee01 1795219113 1001\nnetwork 198.51.100.0/24 1795219113 1795305513\nnetwork 2001:db8:1::/48 1795219113 1795305513\n"
        + "agent 000000001badcafe 1795219113 1795305513 Yealink SIP-T46S 66.86.0.15\ntogether 00000000c0ffee02 000000001badcafe\naccount 00000000c0ffee02 1795219113 a b\\x1b\n",
        "account 00000000c0ffee03 -62135596799 x\nagent 1 253402300799 0 \u20ac\u202e\ud83d\ude00\n");

    private static readonly byte[][] Trust = Bytes(
        """[{"subject":"203.0.113.5","source":"operator","reason":"the office","until":null},{"subject":"2001:db8::/32","source":"operator","reason":"","until":"2026-11-21T12:00:00.000Z"}]""",
        """[{"subject":"0.0.0.0/0","source":"operator","reason":"\u0000","until":"9999-12-31T23:59:59.999Z"},null]""");

    private static readonly byte[][] Bans = Bytes(
        """{"subject":"203.0.113.5","seconds":3600,"permanent":false,"reason":"x","force":false,"dry_run":true}""",
        """{"subject":"2001:db8::/32","permanent":true,"reason":null}""",
        """{"subject":"::ffff:198.51.100.7","seconds":-9223372036854775808}""");

    private static readonly byte[][] Trusts = Bytes("""{"subject":"203.0.113.0/24","seconds":86400,"reason":"guests","dry_run":false}""", """{"subject":"10.0.0.0/8","permanent":true}""");

    private static readonly byte[][] Lists = Bytes(
        "; list\n192.0.2.1\n198.51.100.0/24 ; SBL1\r\n2001:db8::/32\n192.0.2.0-192.0.2.7\n# x\n",
        "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\"}\n{\"cidr\":\"2001:db8::/32\"}\n",
        """{"ipaddress":["192.0.2.1","2001:db8::7"],"ID":"17"}""");

    public static IEnumerable<FuzzTarget> All =>
    [
        new("blocklist", _ => Lists, input => FuzzTargets.Ignore(ListReader.Read(input).Entries.Count == 0)),
        new("accounts", _ => Accounts, Account),
        new("trust.json", _ => Trust, Trusted),
        new("canary_account", _ => Bytes("x0a1b2c3d4e5f\n", "q7xw-4401"), input => FuzzTargets.Ignore(CanarySettings.IsAccount(Text(input).Trim()))),
        new("api-ban", _ => Bans, input => Ask(input, ApiJson.Default.BanBody, body => ApiServer.Request(body).Reason)),
        new("api-trust", _ => Trusts, input => Ask(input, ApiJson.Default.TrustBody, body => ApiServer.Request(body).Reason)),
    ];

    // What was read is written as text that is read as the same.
    private static void Account(ReadOnlySpan<byte> input)
    {
        var known = Read(Text(input));
        var written = KnownAccountsText.Write(known);
        if (KnownAccountsText.Write(Read(written)) != written)
        {
            throw new InvalidOperationException($"what was written is read as something else: {written}");
        }
    }

    private static KnownAccounts Read(string text)
    {
        var known = new KnownAccounts(new DetectionSettings());
        KnownAccountsText.Read(text, known);
        return known;
    }

    private static void Trusted(ReadOnlySpan<byte> input)
    {
        try
        {
            foreach (var entry in OperatorTrust.Parse(Text(input)))
            {
                FuzzTargets.Ignore(Limits.ProblemOf(new TrustRequest(entry.Subject, null, "", false)) is null && entry.Reason.Length > 0);
            }
        }
        catch (JsonException)
        {
            // Moved aside, and said.
        }
    }

    private static void Ask<T>(ReadOnlySpan<byte> input, JsonTypeInfo<T> type, Func<T, string> request)
        where T : class
    {
        try
        {
            FuzzTargets.Ignore(JsonSerializer.Deserialize(input, type) is { } body && request(body).Length > Limits.MaxReasonLength);
        }
        catch (JsonException)
        {
            // 400, as below.
        }
        catch (ApiServer.BadRequestException)
        {
            // The answer says what was expected.
        }
    }

    // As the files are read: what is no UTF-8 becomes U+FFFD.
    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static byte[][] Bytes(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
