using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class ConfigReaderTests
{
    [Fact]
    public void An_empty_file_is_the_preset_office()
    {
        var reading = ConfigReader.Parse("ringfence.conf", "");

        Assert.Empty(reading.Mistakes);
        Assert.Equal(RingfenceConfig.Default, reading.Config);
    }

    [Fact]
    public void An_interface_beyond_those_that_the_kernels_filter_holds_is_a_mistake_and_not_left_out()
    {
        var names = string.Join(", ", Enumerable.Range(0, 33).Select(number => $"vlan{number}"));

        var mistake = Assert.Single(ConfigReader.Parse("ringfence.conf", $"[wire]\ninterface = {names}\n").Mistakes);

        Assert.Equal("ringfence.conf:2: interface is \"vlan32\": expected at most 32 interfaces; with more let it be all", mistake.ToString());
        Assert.Empty(ConfigReader.Parse("ringfence.conf", $"[wire]\ninterface = {names[..names.LastIndexOf(',')]}\n").Mistakes);
    }

    [Fact]
    public void Five_mistakes_are_all_told_with_their_places()
    {
        var reading = ConfigReader.Parse("ringfence.conf", """
            [general]
            preset = paranoid
            [bans]
            first_ban = 10
            frist_ban = 10m
            [trust]
            address = 10.0.0.5/8
            [detection]
            refusals = 3
            """);

        Assert.Null(reading.Config);
        Assert.Equal(
            [
                "ringfence.conf:2: preset is \"paranoid\": expected office, strict, aggressive or observe",
                "ringfence.conf:4: first_ban is \"10\": expected a duration such as 10m or 2h",
                "ringfence.conf:5: frist_ban is no key of [bans]: did you mean first_ban?",
                "ringfence.conf:7: address is \"10.0.0.5/8\": expected 10.0.0.0/8, or the one address 10.0.0.5: 10.0.0.5/8 has bits set behind its prefix",
                "ringfence.conf:8: [detection] is no section: did you mean [detect]?",
            ],
            reading.Mistakes.Select(mistake => mistake.ToString()));
    }

    [Theory]
    [InlineData("[s{0}]\n", 102)]
    [InlineData("[bans](+)\nk{0} = 1\n", 203)]
    [InlineData("[bans](+)\nfirst_ban = 1h\n", 205)]
    public void Of_a_hundred_thousand_mistakes_the_first_hundred_are_told_and_that_there_are_more(string wrong, int next)
    {
        var text = "[bans]\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => wrong.Replace("{0}", $"{i}", StringComparison.Ordinal)));

        var reading = ConfigReader.Parse("ringfence.conf", text);

        Assert.Null(reading.Config);
        Assert.Equal(101, reading.Mistakes.Count);
        Assert.EndsWith("there are more mistakes: they are told when these are mended", reading.Mistakes[100].ToString(), StringComparison.Ordinal);
        Assert.Equal(next, reading.Mistakes[100].Place.Line);
    }

    [Fact]
    public void A_configuration_that_is_larger_than_any_is_refused_with_the_file_that_made_it_so()
    {
        var large = new string(';', ConfigReader.MostBytes / 2) + "\n";
        var files = new MemoryFiles().With("/c/ringfence.conf", "#include first.conf\n#include second.conf\n").With("/c/first.conf", large).With("/c/second.conf", large);

        var reading = ConfigReader.Read("/c/ringfence.conf", files);

        Assert.Equal(["/c/second.conf: expected at most 4 MiB of configuration, all included files together"], reading.Mistakes.Select(mistake => mistake.ToString()));
    }

    [Theory]
    [InlineData("[detect]\nrefusals = 0", "refusals is \"0\": expected a number from 1 to 1000")]
    [InlineData("[detect]\nrefusals = 1e3", "refusals is \"1e3\": expected a number from 1 to 1000")]
    [InlineData("[detect]\nrefusals =", "refusals is \"\": expected a number from 1 to 1000")]
    [InlineData("[detect]\nwithin = 2d", "within is \"2d\": expected a duration from 1s to 1d")]
    [InlineData("[detect]\nfirst_ban = 1h", "first_ban is no key of [detect]: it belongs to [bans]")]
    [InlineData("[detect]\ndisable = password", "disable is \"password\": expected the id of a rule that `ringfence rules` lists, such as RF2001")]
    [InlineData("[detect]\ndisable = RF9999", "disable is \"RF9999\": expected the id of a rule that `ringfence rules` lists, such as RF2001")]
    [InlineData("[detect]\ndisable = acount-scan", "disable is \"acount-scan\": expected the id of a rule that `ringfence rules` lists, such as RF2001; did you mean RF2003?")]
    [InlineData("[bans]\nrandom = 110%", "random is \"110%\": expected a share from 0 to 1, or from 0% to 100%")]
    [InlineData("[bans]\nrandom = NaN", "random is \"NaN\": expected a share from 0 to 1, or from 0% to 100%")]
    [InlineData("[bans]\ngrowth = -1", "growth is \"-1\": expected a number from 0 to 64")]
    [InlineData("[bans]\nunproven = maybe", "unproven is \"maybe\": expected throttle, short, ban or alert")]
    [InlineData("[bans]\nfirst_ban = 8d", "first_ban is \"8d\": expected first_ban (8d) to be no longer than max_ban (7d)")]
    [InlineData("[hep]\nlisten = 0.0.0.0:9060", "listen is \"0.0.0.0:9060\", where others can send to, and there is no password: expected an address such as 127.0.0.1, or password = (capture_password in hep.conf)")]
    [InlineData("[bans]\nmax_ban = 10m", "max_ban is \"10m\": expected first_ban (1h) to be no longer than max_ban (10m)")]
    [InlineData("[trust]\naddress = 0.0.0.0/0", "address is \"0.0.0.0/0\": expected a network of /8 (IPv6: /16) or smaller: 0.0.0.0/0 would trust the attackers too")]
    [InlineData("[trust]\naddress = 10.0.0.300", "address is \"10.0.0.300\": expected an address such as 192.0.2.7, a network such as 192.0.2.0/24, or a DNS name")]
    [InlineData("[trust]\naddress = 10.0.0.0/40", "address is \"10.0.0.0/40\": expected a prefix from /8 to /32, or a netmask such as 255.255.255.0")]
    [InlineData("[journal]\nmax_size = 1M", "max_size is \"1M\": expected a size from 16M to 1024G, such as 256M or 1G")]
    [InlineData("[journal]\nmax_size = 99999999999G", "max_size is \"99999999999G\": expected a size from 16M to 1024G, such as 256M or 1G")]
    [InlineData("[journal]\nmax_size = 268435456", "max_size is \"268435456\": expected a size from 16M to 1024G, such as 256M or 1G")]
    [InlineData("[trust]\nssh = perhaps", "ssh is \"perhaps\": expected yes or no")]
    [InlineData("[general]\ntimezone = Mars/Olympus", "timezone is \"Mars/Olympus\": expected the IANA name of a time zone, such as Europe/Berlin")]
    [InlineData("[general]\nlog = messages", "log is \"messages\": expected an absolute path, beginning with /")]
    [InlineData("[general]\npreset = offise", "preset is \"offise\": expected office, strict, aggressive or observe; did you mean office?")]
    [InlineData("[genral]\n#exec x", "[genral] is no section: did you mean [general]?")]
    [InlineData("[general]\nnonsense", "there is no = in the line: expected key = value, or ; in front of a comment")]
    public void A_mistake_says_what_was_expected(string text, string expected) =>
        Assert.Contains(expected, ConfigReader.Parse("ringfence.conf", text).Mistakes.Select(mistake => mistake.Text));

    [Fact]
    public void A_duration_that_is_too_long_is_told_once() =>
        Assert.Single(ConfigReader.Parse("ringfence.conf", "[bans]\nfirst_ban = 900d\nmax_ban = 10m").Mistakes);

    [Fact]
    public void A_secret_given_twice_is_told_without_it()
    {
        var reading = ConfigReader.Parse("r", "[hep]\npassword = hush-1\npassword = hush-2\n[ami]\nsecret = hush-3\nsecret = hush-4\n");

        Assert.Equal(
            ["r:3: password is there again: expected it once, and r:2 has it", "r:6: secret is there again: expected it once, and r:5 has it"],
            reading.Mistakes.Select(mistake => mistake.ToString()));
    }

    [Fact]
    public void Every_key_that_holds_a_secret_is_marked_as_one() =>
        Assert.Equal(
            ["ami secret", "calls cdr_password", "feed NAME key", "geo url", "hep password", "knock NAME password", "knock NAME secret", "list token", "outer NAME all", "outer NAME ban", "outer NAME find", "outer NAME header", "outer NAME unban"], ConfigKeys.All.Where(key => key.IsSecret).Select(key => $"{key.Section} {key.Name}").Order(StringComparer.Ordinal));

    [Fact]
    public void A_key_given_twice_is_told_with_both_places_and_a_list_may_be_given_twice()
    {
        var twice = ConfigReader.Parse("ringfence.conf", "[bans]\nfirst_ban = 1h\nfirst_ban = 2h\n");
        var list = ConfigReader.Parse("ringfence.conf", "[detect]\ndecoy = a, b\ndecoy = c\n");

        Assert.Equal("ringfence.conf:3: first_ban is \"2h\": expected it once, and ringfence.conf:2 says \"1h\"", Assert.Single(twice.Mistakes).ToString());
        Assert.Equal(["a", "b", "c"], list.Config!.Detection.Decoys);
    }

    [Fact]
    public void A_preset_begins_and_any_key_overrides_it_wherever_it_stands()
    {
        var strict = ConfigReader.Parse("r", "[general]\npreset = strict\n").Config!;
        var aggressive = ConfigReader.Parse("r", "[bans]\nrepeat_bans = 2\n[general]\npreset = aggressive\n").Config!;
        var observe = ConfigReader.Parse("r", "[general]\npreset = observe\n[bans]\nobserve = no\n").Config!;

        Assert.Equal((3, TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), 3, TimeSpan.FromDays(1), TimeSpan.FromDays(7)),
            (strict.Detection.Refusals, strict.Detection.Window, strict.Bans.FirstBan, strict.Bans.RepeatBans, strict.Bans.RepeatWindow, strict.Bans.RepeatBan));
        Assert.Equal((2, TimeSpan.FromMinutes(5), TimeSpan.FromDays(1), TimeSpan.FromDays(7), 2),
            (aggressive.Detection.Refusals, aggressive.Detection.Window, aggressive.Bans.FirstBan, aggressive.Bans.MaxBan, aggressive.Bans.RepeatBans));
        Assert.False(observe.Bans.ObserveOnly);
    }

    [Fact]
    public void Every_key_reaches_its_place()
    {
        var config = ConfigReader.Parse("r", """
            [general]
            log = /var/log/asterisk/a
            log = /var/log/asterisk/b
            asterisk_dir = /opt/asterisk/etc
            timezone = UTC
            socket = /tmp/s
            [detect]
            refusals = 6
            within = 1h30m
            scan_accounts = 7
            unauthenticated_calls = 8
            decoy = admin
            disable = RF2003
            max_addresses = 2048
            [bans]
            observe = on
            first_ban = 2h
            growth = 2.5
            max_ban = 2d
            random = 5%
            memory = 3d
            repeat_bans = 4
            repeat_within = 5d
            repeat_ban = 1w
            unproven = alert
            [trust]
            address = 192.0.2.0/24, Phones.example.com, 10.0.0.0/255.255.0.0
            trunks = no
            contacts = no
            ssh = no
            [firewall]
            reject = yes
            [journal]
            path = /tmp/j
            keep = 90d
            """).Config!;

        Assert.Equal(["/var/log/asterisk/a", "/var/log/asterisk/b"], config.Logs);
        Assert.Equal(("/opt/asterisk/etc", "UTC", "/tmp/s"), (config.AsteriskDirectory, config.TimeZone, config.Socket));
        Assert.Equal((6, TimeSpan.FromMinutes(90), 7, 8, 2048),
            (config.Detection.Refusals, config.Detection.Window, config.Detection.ScanAccounts, config.Detection.UnauthenticatedCalls, config.Detection.MaxAddresses));
        Assert.Equal(["admin"], config.Detection.Decoys);
        Assert.Equal(["RF2003"], config.Detection.DisabledRules);
        Assert.Equal(new BanSettings
        {
            ObserveOnly = true,
            FirstBan = TimeSpan.FromHours(2),
            Growth = 2.5,
            MaxBan = TimeSpan.FromDays(2),
            RandomPart = 0.05,
            Memory = TimeSpan.FromDays(3),
            RepeatBans = 4,
            RepeatWindow = TimeSpan.FromDays(5),
            RepeatBan = TimeSpan.FromDays(7),
            Unproven = UnprovenPolicy.Alert,
        }, config.Bans);
        Assert.Equal([Network.Parse("192.0.2.0/24")!.Value, Network.Parse("10.0.0.0/16")!.Value], config.Trust.Networks);
        Assert.Equal(["phones.example.com"], config.Trust.Names);
        Assert.Equal((false, false, false), (config.Trust.Trunks, config.Trust.Contacts, config.Trust.SshPeers));
        Assert.Equal((true, "/tmp/j", TimeSpan.FromDays(90)), (config.Firewall.Reject, config.Journal.Path, config.Journal.Keep));
    }

    [Fact]
    public void Includes_and_templates_work_and_a_mistake_in_an_included_file_names_that_file()
    {
        var files = new MemoryFiles()
            .With("/etc/ringfence/ringfence.conf", "[usual](!)\nfirst_ban = 2h\n[bans](usual)\nfirst_ban = 3h\n#include site.conf\n")
            .With("/etc/ringfence/site.conf", "growth = no\n");

        var reading = ConfigReader.Read("/etc/ringfence/ringfence.conf", files);

        Assert.Equal("site.conf:1: growth is \"no\": expected a number from 0 to 64", Assert.Single(reading.Mistakes).ToString());
        Assert.Equal(TimeSpan.FromHours(3),
            ConfigReader.Read("/etc/ringfence/ringfence.conf", files.With("/etc/ringfence/site.conf", "growth = 0\n")).Config!.Bans.FirstBan);
    }

    [Fact]
    public void A_missing_file_is_a_mistake() =>
        Assert.StartsWith("/etc/ringfence.conf: ", Assert.Single(ConfigReader.Read("/etc/ringfence.conf", new MemoryFiles()).Mistakes).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("[journal]\nkeep = 1d", 7)]
    [InlineData("[journal]\nkeep = 1d\n[bans]\nmemory = 90d", 90)]
    [InlineData("[journal]\nkeep = 1d\n[bans]\nmemory = 1d\nrepeat_within = 20d", 20)]
    [InlineData("[journal]\nkeep = 40d", 40)]
    public void The_journal_keeps_bans_for_as_long_as_they_count(string text, int days) =>
        Assert.Equal(TimeSpan.FromDays(days), ConfigReader.Parse("ringfence.conf", text).Config!.JournalMemory);

    [Fact]
    public void Hostile_text_gives_mistakes_and_never_an_exception_or_a_control_character()
    {
        const string Alphabet = "0123456789./:,-%smhdw aé\u001b\u202e\0;=[]\n";
        var random = new Random(11);
        var names = ConfigKeys.All.Select(key => key.Name).Concat(["", "x"]).ToArray();
        for (var round = 0; round < 2_000; round++)
        {
            var key = ConfigKeys.All[random.Next(ConfigKeys.All.Count)];
            var value = new string([.. Enumerable.Range(0, random.Next(30)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);

            var reading = ConfigReader.Parse("r", $"[{key.Section}]\n{names[random.Next(names.Length)]} = {value}\n{key.Name} = {value}\n");

            Assert.All(reading.Mistakes, mistake => Assert.DoesNotContain(mistake.ToString(), c => char.IsControl(c) || c == '\u202e'));
            Assert.Equal(reading.Config is null, reading.Mistakes.Count > 0);
        }
    }
}
