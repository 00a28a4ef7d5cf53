using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Audit;
using Ringfence.Core.Audit.Rules.Passwords;
using Ringfence.Core.Rules;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>What is worst about a password.</summary>
public sealed class PasswordJudgeTests
{
    [Theory]
    [InlineData("1001", "1001", nameof(PasswordFlaw.IsAccount))]
    [InlineData("4321", "1234", nameof(PasswordFlaw.IsAccount))]
    [InlineData("10011001", "1001", nameof(PasswordFlaw.IsAccount))]
    [InlineData("RECEPTION", "reception", nameof(PasswordFlaw.IsAccount))]
    [InlineData("secret", "1001", nameof(PasswordFlaw.Common))]
    [InlineData("Password2026!", "1001", nameof(PasswordFlaw.Common))]
    [InlineData("Xk9#mP2vL8@qR5w", "1001", nameof(PasswordFlaw.Common))]
    [InlineData("q1001!vZ", "1001", nameof(PasswordFlaw.HoldsAccount))]
    [InlineData("Lab-1001-w7Kq3Vz", "1001", nameof(PasswordFlaw.None))]
    [InlineData("aaaaaaaaaaaaaaaa", "1001", nameof(PasswordFlaw.Pattern))]
    [InlineData("1qaz2wsx3edc", "1001", nameof(PasswordFlaw.Pattern))]
    [InlineData("qwertzuiopasdf", "1001", nameof(PasswordFlaw.Pattern))]
    [InlineData("Xk9vXk9vXk9vXk9v", "1001", nameof(PasswordFlaw.Pattern))]
    [InlineData("9876543210", "1001", nameof(PasswordFlaw.Pattern))]
    [InlineData("k7Qz-v2R", "1001", nameof(PasswordFlaw.Short))]
    [InlineData("829471650384", "1001", nameof(PasswordFlaw.Guessable))]
    [InlineData("hvqkzmwtbxpf", "1001", nameof(PasswordFlaw.None))]
    [InlineData("Xk9-mP2vL8-qR5w-77aZ", "1001", nameof(PasswordFlaw.None))]
    [InlineData("correct horse battery staple", "1001", nameof(PasswordFlaw.None))]
    [InlineData("aB3sipX9kqTz", "1001", nameof(PasswordFlaw.None))]
    [InlineData("CallCenter2023!", "1001", nameof(PasswordFlaw.Guessable))]
    [InlineData("MySecretPass99", "1001", nameof(PasswordFlaw.Guessable))]
    [InlineData("Hauptpforte1984!", "1001", nameof(PasswordFlaw.Guessable))]
    [InlineData("R3cepci0n-2024", "1001", nameof(PasswordFlaw.Guessable))]
    [InlineData("Sommer2024!!!!", "1001", nameof(PasswordFlaw.Common))]
    [InlineData("Welcome1!Welcome", "1001", nameof(PasswordFlaw.Common))]
    [InlineData("Haus-1999", "1001", nameof(PasswordFlaw.Common))]
    [InlineData("Ohqu4eic7Aeb", "1001", nameof(PasswordFlaw.None))]
    [InlineData("9f3a41b207c88e10", "1001", nameof(PasswordFlaw.None))]
    [InlineData("Xk9vQ2024mPzL", "1001", nameof(PasswordFlaw.None))]
    public void A_password_is_told_of_by_its_worst_flaw(string password, string account, string flaw) =>
        Assert.Equal(flaw, PasswordJudge.Judge(password, [account]).ToString());

    [Theory]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 16)]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 13)]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456789", 15)]
    [InlineData("0123456789abcdef", 32)]
    [InlineData("abcdefghijkmnpqrstuvwxyz23456789", 20)]
    public void Random_passwords_are_never_found(string alphabet, int length)
    {
        var random = new Random(4711);

        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.Equal(PasswordFlaw.None, PasswordJudge.Judge(new string(random.GetItems<char>(alphabet, length)), ["1001"])));
    }

    [Fact]
    public void Random_passwords_of_sixteen_printable_characters_are_never_found()
    {
        var random = new Random(4713);
        var printable = Enumerable.Range('!', 94).Select(code => (char)code).ToArray();

        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.Equal(PasswordFlaw.None, PasswordJudge.Judge(new string(random.GetItems(printable, 16)), ["1001"])));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("-")]
    [InlineData("")]
    public void Five_random_words_are_never_found(string between)
    {
        var random = new Random(4714);
        string[] syllables = ["ba", "ke", "mi", "tor", "lun", "gra", "sel", "po", "wen", "dri", "quo", "fam", "hix", "zu", "nep"];
        var words = PasswordWords.All.Concat(Enumerable.Range(0, 2_000).Select(_ => string.Concat(random.GetItems(syllables, 3)))).ToArray();

        Assert.All(Enumerable.Range(0, 10_000), _ =>
        {
            var picked = random.GetItems(words, 5);
            // Chance says one word twice in a row, which is a repetition, as seldom as it names a phone.
            Assert.True(picked.Distinct().Count() < 5 || PasswordJudge.Judge(string.Join(between, picked), ["1001"]) == PasswordFlaw.None, string.Join(between, picked));
        });
    }

    // md5sum of 1001:asterisk:Welcome123, 1001:asterisk:1001 and 1001:asterisk:Xk9-mP2vL8-qR5w-77aZ.
    [Theory]
    [InlineData("Welcome123", "1bf0fc13d577af8ee7144d9dc0ba6d71", nameof(PasswordFlaw.Common), nameof(PasswordFlaw.Common))]
    [InlineData("1002", "bec1dce6e62fa48db6ec5c5bbb4c5bf3", nameof(PasswordFlaw.IsAccount), nameof(PasswordFlaw.IsAccount))]
    [InlineData("Xk9-mP2vL8-qR5w-77aZ", "c0065c542d5759bc503a21126acb8da8")]
    public void A_digest_of_a_usual_password_is_found_and_one_of_a_random_password_is_not(string second, string first, params string[] flaws)
    {
        var sha = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"1002:pbx:{second}")));
        var pbx = ExampleFiles.Of($"[1001]\ntype=auth\nauth_type=md5\nusername=1001\nmd5_cred={first}\n[1002]\ntype=auth\nusername=1002\nrealm=pbx\npassword_digest=SHA-256:{sha}\n", "pjsip.conf").Pbx;

        Assert.Equal(flaws, PasswordDigest.Guessed(pbx).Select(found => found.Flaw.ToString()));
    }

    [Theory]
    [InlineData("k7Qz-v", "", nameof(Severity.High))]
    [InlineData("82947165", "", nameof(Severity.High))]
    [InlineData("k7Qz-v2RmW", "", nameof(Severity.Medium))]
    [InlineData("ChangeMe2026", "", nameof(Severity.Critical))]
    [InlineData("CallCenter2023!", "", nameof(Severity.High))]
    [InlineData("ChangeMe2026", "deny=0.0.0.0/0\npermit=192.0.2.0/24\n", nameof(Severity.High))]
    [InlineData("82947165", "deny=0.0.0.0/0\npermit=192.0.2.0/24\n", nameof(Severity.Medium))]
    public void What_is_soon_tried_is_as_bad_as_whoever_can_try_it(string password, string list, string severity)
    {
        var pbx = ExampleFiles.Of($"[1001]\ntype=endpoint\nauth=1001\n{list}[1001]\ntype=auth\nusername=1001\npassword={password}\n", "pjsip.conf").Pbx;

        var found = AuditRules.All.Where(rule => rule.Topic == AuditTopic.Passwords).SelectMany(rule => rule.Check(pbx).Select(fault => fault.Severity ?? rule.Severity));

        Assert.Equal(severity, Assert.Single(found).ToString());
    }

    [Fact]
    public void Any_text_is_judged_in_time_that_grows_with_it_alone()
    {
        var random = new Random(4712);

        foreach (var length in (int[])[0, 1, 2, 3, 64, 1024])
        {
            foreach (var letters in (string[])["a", "ab", "01", "qwertz", "\u00e4\ud83d\ude00 ;"])
            {
                Assert.True(Enum.IsDefined(PasswordJudge.Judge(new string(random.GetItems<char>(letters, length)), ["", "a", "1001"])));
            }
        }
    }

    [Theory]
    [InlineData(0, 1 / 3_800.0)]
    [InlineData(12, 4_096 / 3_800.0)]
    public void The_time_to_try_all_is_their_number_by_the_rate(double bits, double seconds) => Assert.Equal(seconds, GuessTime.Of(bits).TotalSeconds, precision: 6);

    [Fact]
    public void Twelve_digits_take_eight_years_and_what_takes_longer_than_time_can_say_takes_as_long_as_it_can()
    {
        Assert.Equal(8.3, GuessTime.Of("829471650384").TotalDays / 365.25, tolerance: 0.1);
        Assert.Equal(TimeSpan.MaxValue, GuessTime.Of(256));
    }
}
