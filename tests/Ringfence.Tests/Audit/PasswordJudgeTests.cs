using Ringfence.Core.Audit.Rules.Passwords;
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
    public void A_password_is_told_of_by_its_worst_flaw(string password, string account, string flaw) =>
        Assert.Equal(flaw, PasswordJudge.Judge(password, [account]).ToString());

    [Fact]
    public void Random_passwords_of_sixteen_letters_and_digits_are_never_found()
    {
        var random = new Random(4711);
        const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

        Assert.All(Enumerable.Range(0, 20_000), _ => Assert.Equal(PasswordFlaw.None, PasswordJudge.Judge(new string(random.GetItems<char>(Alphabet, 16)), ["1001"])));
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
