using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Detection;

/// <summary>Logins with the right password: whose are they?</summary>
public sealed class StolenCredentialsTests
{
    private const string Desk = """
        sip 2026-11-20 12:00:00.000 TCP 192.0.2.7:5060 REGISTER 1001 200 auth agent=Yealink/66.85
        sip 2026-11-23 12:00:00.000 TCP 192.0.2.7:5060 REGISTER 1001 200 auth agent=Yealink/66.85

        """;

    [Fact]
    public void A_new_network_and_a_new_User_Agent_are_told_once_with_all_that_one_needs()
    {
        var trial = new Trial().Read(Desk + Login("23 13:00:00", "198.51.100.7", "eyeBeam"));

        var alert = Assert.IsType<Alert>(Assert.Single(trial.Decisions));
        Assert.Equal("RF2014", alert.Rule);
        Assert.Equal(
            "account 1001: a login from a network and with a User-Agent that it never had before; from 198.51.100.7 with \"eyeBeam\", "
                + "known from 192.0.2.0/24 with \"Yealink/66.85\". If it is not its owner: change its password, then ringfence ban 198.51.100.7",
            alert.Reason);
        Assert.Single(trial.Read(Login("23 13:10:00", "198.51.100.7", "eyeBeam")).Decisions);
    }

    [Fact]
    public void A_phone_that_travels_and_one_that_is_replaced_at_its_desk_are_its_owners()
    {
        var trial = new Trial().Read(Desk);

        trial.Read(Login("23 13:00:00", "203.0.113.9", "Yealink/66.86"));
        trial.Read(Login("23 14:00:00", "192.0.2.99", "Snom/10"));
        trial.Read(Login("24 14:00:00", "198.51.100.7", "Snom/11"));

        Assert.Empty(trial.Decisions);
    }

    [Fact]
    public void On_its_first_day_an_account_may_be_anywhere()
    {
        var trial = new Trial().Read(Login("20 12:00:00", "192.0.2.7", "Yealink") + Login("20 18:00:00", "198.51.100.7", "Zoiper") + Login("21 11:00:00", "203.0.113.9", "Linphone"));

        Assert.Empty(trial.Decisions);
    }

    [Fact]
    public void Two_User_Agents_by_turns_in_two_networks_are_told_if_they_never_were_before()
    {
        // A softphone that the account has had for long, at home, and a desk phone: now by turns, from two networks.
        var known = Desk + Login("20 12:10:00", "203.0.113.9", "Zoiper") + Login("23 12:10:00", "203.0.113.9", "Zoiper");
        var trial = new Trial().Read(known).Read(Login("23 15:00:00", "192.0.2.7", "Yealink"));
        Assert.Empty(trial.Decisions);

        // They were in use together on the first day: no surprise.
        var together = new Trial().Read(Desk.Split('\n')[0] + "\n" + Login("20 12:01:00", "203.0.113.9", "Zoiper") + Login("20 12:02:00", "192.0.2.7", "Yealink/66.85"));
        together.Read(Login("23 15:00:00", "192.0.2.7", "Yealink") + Login("23 15:05:00", "198.51.100.7", "Zoiper") + Login("23 15:06:00", "192.0.2.7", "Yealink"));
        Assert.Empty(together.Decisions);

        trial.Read(Login("23 15:05:00", "198.51.100.7", "Zoiper") + Login("23 15:10:00", "192.0.2.7", "Yealink"));
        Assert.Contains("in use in 192.0.2.0/24 and 198.51.100.0/24 at once", Assert.Single(trial.Decisions).Reason, StringComparison.Ordinal);
        Assert.Single(trial.Read(Login("23 15:15:00", "198.51.100.7", "Zoiper") + Login("23 15:20:00", "192.0.2.7", "Yealink")).Decisions);
    }

    [Fact]
    public void A_log_alone_tells_a_guessed_password_by_the_network()
    {
        string Guess(string source, int wrong) => Attempts.Many(wrong, i => Attempts.WrongPassword(200_000 + i, source)) + Attempts.Login(200_010, source);

        Assert.Empty(new Trial().Read(Attempts.Login(0, "192.0.2.7") + Guess("192.0.2.8", 4)).Decisions);
        Assert.Empty(new Trial().Read(Attempts.Login(0, "192.0.2.7") + Guess("198.51.100.7", 2)).Decisions);
        Assert.Contains("the right password after 3 wrong ones from 198.51.100.0/24; from 198.51.100.7, known from 192.0.2.0/24. If", Assert.Single(new Trial().Read(Attempts.Login(0, "192.0.2.7") + Guess("198.51.100.7", 3)).Decisions).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_login_in_a_log_neither_tells_nor_hides_what_HEP_tells()
    {
        // Written before HEP is read, and after it.
        var line = Attempts.Login(0, "198.51.100.7").Replace("2026-11-20T", "2026-11-23T", StringComparison.Ordinal);
        var thief = Login("23 23:58:00", "198.51.100.7", "eyeBeam");

        Assert.Equal("RF2014", Assert.Single(new Trial().Read(Desk).Read(line).Read(thief).Tend().Decisions).Rule);
        Assert.Equal("RF2014", Assert.Single(new Trial().Read(Desk).Read(thief).Read(line).Tend().Decisions).Rule);
    }

    [Fact]
    public void Whoever_tried_many_accounts_and_gets_into_one_is_told()
    {
        var sprayed = string.Concat(Enumerable.Range(0, 4).Select(i => $"sip 2026-11-23 13:{i * 12:00}:00.000 TCP 198.51.100.7:5060 REGISTER {2000 + i} 401 auth agent=Bria\n"));

        var trial = new Trial(new DetectionSettings { Refusals = 50 }).Read(sprayed + "sip 2026-11-23 14:00:00.000 TCP 198.51.100.7:5060 REGISTER 2009 200 auth agent=Bria\n");

        Assert.Contains("from an address that tried 4 accounts before", Assert.Single(trial.Decisions).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Stolen_can_ban_also_whom_only_his_registration_makes_trusted_and_be_off()
    {
        var ban = new DetectionSettings { Stolen = StolenPolicy.Ban };
        var thief = Desk + Login("23 13:00:00", "198.51.100.7", "eyeBeam");

        Assert.Equal("198.51.100.7", Assert.Single(new Trial(ban, trust: _ => "registered contact of 1001").Read(thief).Bans).Subject.ToString());
        Assert.Empty(new Trial(new DetectionSettings { Stolen = StolenPolicy.Off }).Read(thief).Decisions);

        var trust = new TrustList(
        [
            new TrustEntry(Network.Parse("198.51.100.7")!.Value, "registered contact of 1001", TrustSource.Contact),
            new TrustEntry(Network.Parse("203.0.113.0/24")!.Value, "address in ringfence.conf", TrustSource.Configured),
            new TrustEntry(Network.Parse("203.0.113.9")!.Value, "registered contact of 1001", TrustSource.Contact),
        ]);
        Assert.Null(trust.FindFirm(Network.Parse("198.51.100.7")!.Value));
        Assert.Equal("address in ringfence.conf", trust.FindFirm(Network.Parse("203.0.113.9")!.Value));
    }

    [Fact]
    public void Who_was_told_is_looked_at_as_before()
    {
        var trial = new Trial().Read(Desk + Login("23 13:00:00", "198.51.100.7", "eyeBeam"));

        trial.Read(string.Concat(Enumerable.Range(0, 5).Select(i => $"sip 2026-11-23 13:0{i + 2}:00.000 TCP 198.51.100.7:5060 REGISTER 1002 401 auth agent=eyeBeam\n")));

        Assert.Equal("RF2001", Assert.Single(trial.Bans).Rule);
    }

    [Fact]
    public void Nothing_that_a_caller_writes_stands_raw_in_what_is_told()
    {
        var known = new KnownAccounts(new DetectionSettings());
        PbxEvent Event(int day, string source, string agent) => new()
        {
            Kind = EventKind.LoginSucceeded,
            Service = Service.Pjsip,
            Origin = Origin.Sip,
            Proof = Proof.Proven,
            Source = Address.Parse(source)!.Value,
            TimeTicks = new DateTime(2026, 11, day, 0, 0, 0, DateTimeKind.Utc).Ticks,
            Account = "a\r\n\u001b[2J"u8,
            UserAgent = System.Text.Encoding.Latin1.GetBytes(agent),
        };

        known.LogIn(Event(1, "192.0.2.7", "x"), 1, default);
        var reason = known.LogIn(Event(9, "198.51.100.7", "y\r\n\"; DROP \u202e"), 1, default)!.Words;

        Assert.DoesNotContain(reason, character => char.IsControl(character) || character > '~');
        Assert.Equal(4, reason.Count(character => character == '"'));
    }

    [Theory]
    [InlineData("UDP", Proof.Unproven)]
    [InlineData("TCP", Proof.Proven)]
    internal void Wrong_passwords_that_anybody_could_have_forged_prove_nothing_against_the_login_after_them(string transport, Proof proof)
    {
        var known = new KnownAccounts(new DetectionSettings());
        PbxEvent Event(EventKind kind, int second, Proof proof) => new()
        {
            Kind = kind,
            Service = Service.Pjsip,
            Origin = Origin.Sip,
            Proof = proof,
            Source = Address.Parse("192.0.2.7")!.Value,
            TimeTicks = new DateTime(2026, 11, 20, 0, 0, second, DateTimeKind.Utc).Ticks,
            Account = "1007"u8,
            UserAgent = "Yealink"u8,
        };

        for (var second = 0; second < 6; second++)
        {
            known.Refuse(Event(EventKind.PasswordRefused, second, transport == "TCP" ? Proof.Proven : Proof.Unproven), 1);
        }

        Assert.Equal(proof, known.LogIn(Event(EventKind.LoginSucceeded, 10, Proof.Proven), 1, default)!.Proof);
        Assert.Equal(proof, known.LogIn(Event(EventKind.LoginSucceeded, 11, Proof.Proven) with { Source = Address.Parse("198.51.100.9")!.Value, Account = "1008"u8 }, 2, transport == "TCP" ? new Tally(20, 20) : new Tally(20, 2))!.Proof);
    }

    [Fact]
    public void A_restart_forgets_nothing_of_it()
    {
        var before = new Trial().Read(Desk + Login("23 12:11:00", "203.0.113.10", "Snom") + Login("23 12:12:00", "192.0.2.7", "Yealink"));
        var text = KnownAccountsText.Write(before.Detector.Accounts!);

        var after = new Trial();
        KnownAccountsText.Read(text, after.Detector.Accounts!);

        Assert.Equal(text, KnownAccountsText.Write(after.Detector.Accounts!));
        Assert.Equal("RF2014", Assert.Single(after.Read(Login("24 13:00:00", "198.51.100.7", "eyeBeam")).Decisions).Rule);
        Assert.Contains("account ", text, StringComparison.Ordinal);
        Assert.Contains("together ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0", 300)]
    [InlineData("a\0", 300)]
    [InlineData("\U0001F600", 300)]
    [InlineData("a\U0001F600", 300)]
    [InlineData("\u202e", 63)]
    internal void However_long_a_name_is_it_is_written_as_it_is_read(string part, int times)
    {
        var name = string.Concat(Enumerable.Repeat(part, times));

        var written = Again($"account 00000000c0ffee01 1795219113 {name}\nagent 00000000c0ffee02 1795219113 1795219113 {name}\n");

        Assert.Equal(written, Again(written));
        Assert.Contains("agent ", written, StringComparison.Ordinal);

        static string Again(string text)
        {
            var known = new KnownAccounts(new DetectionSettings());
            KnownAccountsText.Read(text, known);
            return KnownAccountsText.Write(known);
        }
    }

    [Fact]
    public void Any_text_is_read_without_harm()
    {
        var seed = new Random(20_261_121);
        var sound = KnownAccountsText.Write(new Trial().Read(Desk + Login("23 12:10:00", "203.0.113.9", "Zoiper")).Detector.Accounts!).ToCharArray();
        for (var i = 0; i < 20_000; i++)
        {
            var text = sound.ToArray();
            for (var change = seed.Next(1, 10); change > 0; change--)
            {
                text[seed.Next(text.Length)] = (char)seed.Next(seed.Next(2) == 0 ? 128 : 65_536);
            }

            var accounts = new KnownAccounts(new DetectionSettings());
            KnownAccountsText.Read(new string(text, 0, seed.Next(text.Length + 1)), accounts);
            Assert.DoesNotContain(KnownAccountsText.Write(accounts), character => char.IsControl(character) && character != '\n');
        }
    }

    private static string Login(string time, string source, string agent) => $"sip 2026-11-{time}.000 TCP {source}:5060 REGISTER 1001 200 auth agent={agent}\n";
}
