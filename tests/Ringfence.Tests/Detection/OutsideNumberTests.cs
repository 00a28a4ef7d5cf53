using System.Text;
using Ringfence.Core.Detection.Rules;
using Xunit;

namespace Ringfence.Tests.Detection;

public sealed class OutsideNumberTests
{
    [Theory]
    [InlineData("00972598123456")]
    [InlineData("011972598123456")]
    [InlineData("9011972598123456")]
    [InlineData("900972598123456")]
    [InlineData("000972598123456")]
    [InlineData("+00972598123456")]
    [InlineData("*00972598123456")]
    [InlineData("004930123")]
    [InlineData("00972598123456#")]
    [InlineData("00972598123456@10.99.0.1")]
    public void A_number_abroad_is_known_in_the_forms_that_scanners_dial(string number) => Assert.True(OutsideNumber.IsInternational(Encoding.ASCII.GetBytes(number)));

    [Theory]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("7777777")]
    [InlineData("0015")]
    [InlineData("00493012")]
    [InlineData("4930123456")]
    [InlineData("+4930123456")]
    [InlineData("08001234567")]
    [InlineData("18005551234")]
    [InlineData("8005551234")]
    [InlineData("2125550123")]
    [InlineData("12125550123")]
    [InlineData("anonymous")]
    [InlineData("s")]
    public void A_number_of_ours_or_of_our_country_is_none(string number) => Assert.False(OutsideNumber.IsInternational(Encoding.ASCII.GetBytes(number)));
}
