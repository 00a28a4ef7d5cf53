using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Gate;
using Ringfence.Core.Knock;
using Ringfence.Gate;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>PINs: kept hashed, and tried a few times alone.</summary>
public sealed class PinTests
{
    private const long Hour = 3_600_000;

    [Fact]
    public void A_book_of_PINs_is_read_as_it_was_written_and_holds_no_PIN()
    {
        var book = new PinBook();
        book.Set("201", "482913", new byte[PagePassword.SaltBytes]);
        book.Set("202", "559102", [.. Enumerable.Repeat((byte)7, PagePassword.SaltBytes)]);

        var read = PinBook.Parse(book.Text);

        Assert.Equal(["201", "202"], read.Extensions);
        Assert.True(read.Fits("201", "482913"));
        Assert.False(read.Fits("202", "482913"));
        Assert.False(read.Fits("203", ""));
        Assert.DoesNotContain("482913", book.Text, StringComparison.Ordinal);
        Assert.Contains("line 2", Assert.Throws<FormatException>(() => PinBook.Parse("# x\n201 482913\n")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("123")]
    [InlineData("1234")]
    [InlineData("8765")]
    [InlineData("7777")]
    [InlineData("2011")]
    [InlineData("12a4")]
    [InlineData("1234567890123")]
    public void A_PIN_that_is_tried_first_is_refused(string pin) => Assert.NotNull(PinBook.WrongPin(pin, "2011"));

    [Fact]
    public void A_file_of_PINs_is_its_owners_alone()
    {
        var directory = Directory.CreateTempSubdirectory("rf-pins-");
        try
        {
            var path = Path.Combine(directory.FullName, "pins");
            Pins.Write(path, new PinBook());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Whoever_guesses_all_day_has_few_tries_at_one_extension_and_few_at_all()
    {
        var guesses = new PinGuesses();
        var (one, all) = (0, 0);
        for (var second = 0L; second < 24 * 3600; second++)
        {
            for (var extension = 0; extension < 100; extension++)
            {
                var name = $"2{extension:00}";
                if (guesses.LockedUntil(name, second * 1000) is null)
                {
                    guesses.Fail(name, second * 1000);
                    (one, all) = (one + (extension == 7 ? 1 : 0), all + 1);
                }
            }
        }

        Assert.InRange(one, 5, 15);
        Assert.InRange(all, PinGuesses.MostOfAll, PinGuesses.MostOfAll * 24);
    }

    [Fact]
    public void A_new_PIN_is_not_locked_by_what_was_tried_of_the_old_one()
    {
        var directory = Directory.CreateTempSubdirectory("rf-pins-");
        try
        {
            var path = Path.Combine(directory.FullName, "pins");
            Set(path, "482913", 1);
            var pins = new Pins(path);
            for (var time = 0; time < PinGuesses.Free; time++)
            {
                Assert.False(pins.Try("201", isStranger: false, "111222", Hour));
            }

            Assert.False(pins.Try("201", isStranger: false, "482913", Hour));
            Assert.NotNull(pins.LockedUntil("201", isStranger: false, Hour));

            // Also where it is the same one again.
            Set(path, "482913", 2);

            Assert.Null(pins.LockedUntil("201", isStranger: false, Hour));
            Assert.True(pins.Try("201", isStranger: false, "482913", Hour));
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        static void Set(string path, string pin, byte salt)
        {
            var book = new PinBook();
            book.Set("201", pin, [.. Enumerable.Repeat(salt, PagePassword.SaltBytes)]);
            Pins.Write(path, book);
        }
    }

    [Fact]
    public void Who_calls_from_outside_and_guesses_locks_nobody_out_who_sits_at_his_phone()
    {
        var directory = Directory.CreateTempSubdirectory("rf-pins-");
        try
        {
            var path = Path.Combine(directory.FullName, "pins");
            var book = new PinBook();
            book.Set("201", "482913", new byte[PagePassword.SaltBytes]);
            Pins.Write(path, book);
            var pins = new Pins(path);
            for (var time = 0; time < PinGuesses.MostOfAll; time++)
            {
                pins.Try($"2{time:00}", isStranger: true, "111222", Hour);
            }

            Assert.False(pins.Try("201", isStranger: true, "482913", Hour));
            Assert.Null(pins.LockedUntil("201", isStranger: false, Hour));
            Assert.True(pins.Try("201", isStranger: false, "482913", Hour));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_right_PIN_leaves_no_count_behind() => Prop.ForAll(
        Gen.Choose(1, 200).ToArbitrary(),
        calls =>
        {
            var guesses = new PinGuesses();
            for (var call = 0; call < calls; call++)
            {
                Assert.Null(guesses.LockedUntil("201", call));
                guesses.Fail("201", call);
                guesses.Succeed("201", call);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_clock_that_was_set_back_locks_nobody_out()
    {
        var guesses = new PinGuesses();
        for (var time = 0; time < PinGuesses.MostOfAll; time++)
        {
            guesses.Fail("201", 100 * Hour);
        }

        Assert.NotNull(guesses.LockedUntil("202", 100 * Hour));
        Assert.Null(guesses.LockedUntil("202", 10 * Hour));
        Assert.Null(guesses.LockedUntil("201", 10 * Hour));
    }
}
